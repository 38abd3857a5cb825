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
"""Fields of an entry in the order in which a checkpoint stores them."""


@dataclass(slots=True)
class _Reservoir:
    seen: int = 0
    ids: list[int] = field(default_factory=list)


class EpisodicMemory(Memory):
    """Keeps up to `capacity` decisions a task, a uniform sample of all it has seen (Vitter, 1985, algorithm R)."""

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
        """Return the entries of one task, or of all tasks if `task_id` is None."""
        if task_id is None:
            return tuple(self._entries.values())
        return tuple(self._entries[id_] for id_ in self._reservoir(task_id).ids)

    def choose(self, task_id: int, steps: int, worlds: int) -> NDArray[np.bool_]:
        """Return a mask (T, N): the n-th decision of a task is stored with probability `capacity` / n."""
        reservoir = self._reservoir(task_id)
        nth = reservoir.seen + 1 + np.arange(steps * worlds)
        reservoir.seen += steps * worlds
        return (self._generator.random(steps * worlds) < self.capacity / nth).reshape(steps, worlds)

    def write(self, task_id: int, entries: Iterable[MemoryEntry], step: int) -> MemoryChanged:
        """Store these entries under new ids; once the reservoir is full, each replaces a random one.

        An entry whose random slot holds a pinned one is dropped.
        """
        ids = self._reservoir(task_id).ids
        added: dict[int, MemoryEntry] = {}
        removed: list[int] = []
        for entry in entries:
            if len(ids) < self.capacity:
                ids.append(self._next_id)
            else:
                slot = int(self._generator.integers(len(ids)))
                if ids[slot] in self._pinned:
                    continue
                del self._entries[ids[slot]]
                removed.append(ids[slot])
                ids[slot] = self._next_id
            self._entries[self._next_id] = added[self._next_id] = _numbered(entry, self._next_id)
            self._next_id += 1
        # entries that were added and evicted within this call appear in neither list
        transient = {id_ for id_ in removed if added.pop(id_, None) is not None}
        return MemoryChanged(
            step=step, added=tuple(added.values()), removed=tuple(id_ for id_ in removed if id_ not in transient)
        )

    def erase(self, ids: Sequence[int], step: int) -> MemoryChanged:
        """Delete these entries and their targets."""
        erased = {id_ for id_ in ids if id_ in self._entries}
        for id_ in erased:
            del self._entries[id_]
        self._pinned -= erased
        for reservoir in self._reservoirs.values():
            reservoir.ids = [id_ for id_ in reservoir.ids if id_ not in erased]
        self._consolidated = {task_id: _without(targets, erased) for task_id, targets in self._consolidated.items()}
        self.version += 1
        return MemoryChanged(step=step, removed=tuple(sorted(erased)))

    def pin(self, ids: Sequence[int], pinned: bool, step: int) -> MemoryChanged:
        """Protect these entries from eviction, or stop protecting them."""
        known = tuple(id_ for id_ in ids if id_ in self._entries)
        if pinned:
            self._pinned |= set(known)
            return MemoryChanged(step=step, pinned=known)
        self._pinned -= set(known)
        return MemoryChanged(step=step, unpinned=known)

    def store_targets(self, task_id: int, probabilities: Tensor, values: Tensor) -> None:
        """Store the probabilities (B, A) and values (B,) of the B entries of a task, in the order of `entries`."""
        self._consolidated[task_id] = ConsolidatedTargets(self.entries(task_id), probabilities, values)
        self.version += 1

    def consolidated(self, without: int) -> dict[int, ConsolidatedTargets]:
        """Return the targets of every task with entries, by task id, except for the task `without`."""
        return {
            task_id: targets
            for task_id, targets in self._consolidated.items()
            if task_id != without and targets.entries
        }

    def state(self) -> State:
        """Return every entry, the targets and the sampling state."""
        return {
            "reservoirs": {task_id: [reservoir.seen, reservoir.ids] for task_id, reservoir in self._reservoirs.items()},
            "entries": Plain([getattr(entry, name) for name in ENTRY] for entry in self._entries.values()),
            "pinned": sorted(self._pinned),
            "targets": {
                task_id: [[entry.id for entry in targets.entries], targets.probabilities, targets.values]
                for task_id, targets in self._consolidated.items()
            },
            "next": self._next_id,
            "generator": self._generator.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        entries = [MemoryEntry(**dict(zip(ENTRY, row, strict=True))) for row in state["entries"]]
        self._entries = {entry.id: entry for entry in entries}
        self._reservoirs = {int(task_id): _Reservoir(*fields) for task_id, fields in state["reservoirs"].items()}
        # after a rollback no id is reused: the event log already refers to the old one
        self._pinned, self._next_id = set(state["pinned"]), max(state["next"], self._next_id)
        self._consolidated = {
            int(task_id): ConsolidatedTargets(tuple(self._entries[id_] for id_ in ids), probabilities, values)
            for task_id, (ids, probabilities, values) in state["targets"].items()
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


def _without(targets: ConsolidatedTargets, erased: set[int]) -> ConsolidatedTargets:
    rows = torch.tensor([i for i, entry in enumerate(targets.entries) if entry.id not in erased], dtype=torch.long)
    rows = rows.to(targets.values.device)
    entries = tuple(targets.entries[i] for i in rows.tolist())
    return ConsolidatedTargets(entries, targets.probabilities[rows], targets.values[rows])
