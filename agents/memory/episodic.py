"""Episodic memory: a reservoir of remembered decisions for each task, and the source of replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.config.learning import EpisodicConfig
from agents.events import MemoryChanged, MemoryEntry
from agents.memory import ConsolidatedTargets, Memory
from agents.state_tree import Plain, State

ENTRY = ("id", "task_id", "text", "action", "reward", "step", "picture_state")
"""What is stored of an entry, in this order."""


@dataclass(slots=True)
class _Reservoir:
    seen: int = 0
    ids: list[int] = field(default_factory=list)


class EpisodicMemory(Memory):
    """Keeps up to `capacity` moments a task, every moment equally likely (Vitter 1985, algorithm R)."""

    def __init__(self, config: EpisodicConfig, generator: np.random.Generator) -> None:
        self.capacity = config.buffer_size
        self.version = 0
        self._generator = generator
        self._reservoirs: dict[int, _Reservoir] = {}
        self._entries: dict[int, MemoryEntry] = {}
        self._pinned: set[int] = set()
        self._consolidated: dict[int, ConsolidatedTargets] = {}
        self._next_id = 0

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self, task_id: int | None = None) -> tuple[MemoryEntry, ...]:
        """Return what is kept of one task, or of all."""
        if task_id is None:
            return tuple(self._entries.values())
        return tuple(self._entries[id_] for id_ in self._reservoir(task_id).ids)

    def choose(self, task_id: int, steps: int, worlds: int) -> NDArray[np.bool_]:
        """Return which of the next (steps, worlds) decisions to keep, before they are lived."""
        reservoir = self._reservoir(task_id)
        nth = reservoir.seen + 1 + np.arange(steps * worlds)
        reservoir.seen += steps * worlds
        return (self._generator.random(steps * worlds) < self.capacity / nth).reshape(steps, worlds)

    def write(self, task_id: int, moments: Iterable[MemoryEntry], step: int) -> MemoryChanged:
        """Keep these moments, each in the place of a random one once the reservoir is full.

        The ids that the moments come with are replaced by new ones.
        """
        ids = self._reservoir(task_id).ids
        added: dict[int, MemoryEntry] = {}
        removed: list[int] = []
        for picture_state in moments:
            if len(ids) < self.capacity:
                ids.append(self._next_id)
            else:
                place = int(self._generator.integers(len(ids)))
                if ids[place] in self._pinned:
                    continue
                del self._entries[ids[place]]
                removed.append(ids[place])
                ids[place] = self._next_id
            self._entries[self._next_id] = added[self._next_id] = _numbered(picture_state, self._next_id)
            self._next_id += 1
        passing = {id_ for id_ in removed if added.pop(id_, None) is not None}
        return MemoryChanged(
            step=step, added=tuple(added.values()), removed=tuple(id_ for id_ in removed if id_ not in passing)
        )

    def erase(self, ids: Sequence[int], step: int) -> MemoryChanged:
        """Forget these entries for good, with what was learned from them."""
        gone = {id_ for id_ in ids if id_ in self._entries}
        for id_ in gone:
            del self._entries[id_]
        self._pinned -= gone
        for reservoir in self._reservoirs.values():
            reservoir.ids = [id_ for id_ in reservoir.ids if id_ not in gone]
        self._consolidated = {task_id: _without(lesson, gone) for task_id, lesson in self._consolidated.items()}
        self.version += 1
        return MemoryChanged(step=step, removed=tuple(sorted(gone)))

    def pin(self, ids: Sequence[int], pinned: bool, step: int) -> MemoryChanged:
        """Keep these entries whatever comes, or let them go again."""
        known = tuple(id_ for id_ in ids if id_ in self._entries)
        if pinned:
            self._pinned |= set(known)
            return MemoryChanged(step=step, pinned=known)
        self._pinned -= set(known)
        return MemoryChanged(step=step, unpinned=known)

    def settle(self, task_id: int, probabilities: Tensor, values: Tensor) -> None:
        """Note what the agent, having learned the task, does in each of its moments: row i is entry i."""
        self._consolidated[task_id] = ConsolidatedTargets(self.entries(task_id), probabilities, values)
        self.version += 1

    def consolidated(self, without: int) -> dict[int, ConsolidatedTargets]:
        """Return what was learned of every task but one, leaving out tasks of which nothing is kept."""
        return {
            task_id: lesson for task_id, lesson in self._consolidated.items() if task_id != without and lesson.entries
        }

    def state(self) -> State:
        """Return every entry and what decides which will be kept next."""
        return {
            "reservoirs": {task_id: [kept.seen, kept.ids] for task_id, kept in self._reservoirs.items()},
            "entries": Plain([getattr(entry, name) for name in ENTRY] for entry in self._entries.values()),
            "pinned": sorted(self._pinned),
            "lessons": {
                task_id: [[entry.id for entry in lesson.entries], lesson.probabilities, lesson.values]
                for task_id, lesson in self._consolidated.items()
            },
            "next": self._next_id,
            "generator": self._generator.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        entries = [MemoryEntry(**dict(zip(ENTRY, row, strict=True))) for row in state["entries"]]
        self._entries = {entry.id: entry for entry in entries}
        self._reservoirs = {int(task_id): _Reservoir(*kept) for task_id, kept in state["reservoirs"].items()}
        # a memory that is set back never gives an id twice: the story has told what it stood for
        self._pinned, self._next_id = set(state["pinned"]), max(state["next"], self._next_id)
        self._consolidated = {
            int(task_id): ConsolidatedTargets(tuple(self._entries[id_] for id_ in ids), probabilities, values)
            for task_id, (ids, probabilities, values) in state["lessons"].items()
        }
        self._generator.bit_generator.state = state["generator"]
        self.version += 1

    def _reservoir(self, task_id: int) -> _Reservoir:
        return self._reservoirs.setdefault(task_id, _Reservoir())


def _numbered(entry: MemoryEntry, id_: int) -> MemoryEntry:
    return MemoryEntry(
        id=id_,
        task_id=entry.task_id,
        text=entry.text,
        action=entry.action,
        reward=entry.reward,
        step=entry.step,
        picture_state=entry.picture_state,
    )


def _without(lesson: ConsolidatedTargets, gone: set[int]) -> ConsolidatedTargets:
    kept = torch.tensor([i for i, entry in enumerate(lesson.entries) if entry.id not in gone], dtype=torch.long)
    kept = kept.to(lesson.values.device)
    entries = tuple(entry for entry in lesson.entries if entry.id not in gone)
    return ConsolidatedTargets(entries, lesson.probabilities[kept], lesson.values[kept])
