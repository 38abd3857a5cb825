"""PackNet (Mallya & Lazebnik, 2018): each task owns a disjoint subset of one network's weights.

When a task has been learned, the largest of its free weights become its own, and the others are set to 0 for it.
What is left is trained once more, to decide as before; then its weights never change again. A task sees its own
weights and those of the tasks before it. Biases, norms and the value head, a few numbers in a hundred, each task
has for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import torch

from agents.config.strategies import PackNetConfig
from agents.continual import ContinualStrategy
from agents.continual.offline_distillation import Source, last_seen, retrain
from agents.continual.quadratic_penalty import Named
from agents.continual.task_weights import Wardrobe
from agents.continual.weight_masks import FREE, Packs
from agents.memory import Memory
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State


class PackNet(ContinualStrategy):
    """Give each task some weights for good, and leave the rest to those that come."""

    config: PackNetConfig

    def __init__(self, config: PackNetConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._packs = Packs()
        self._wardrobe = Wardrobe()
        self._numbers: dict[int, int] = {}
        """Of each task, by column, the number of its pack."""
        self._running = -1

    def begin_task(self, policy: Policy, column: int) -> None:
        """Learn with every weight that is free. Switched on in mid-run, first pack what is remembered."""
        self._packs.wear(policy, FREE)
        self._packs.hold(policy)
        for earlier, lesson in self.memory.lessons(without=column).items():
            if earlier not in self._numbers:
                for _ in self._pack(policy, earlier, [Source(policy.recall(lesson.entries), lesson.probabilities)]):
                    pass
                self._packs.wear(policy, FREE)
        self._running = column

    def project(self, policy: Policy) -> None:
        """Leave weights that are owned out of the gradient."""
        self._packs.shield(policy, FREE)

    def constrain(self, policy: Policy) -> None:
        """Put owned weights back: what was learned before this strategy was chosen still moves them."""
        self._packs.hold(policy)

    def activate(self, policy: Policy, column: int) -> None:
        """Wear the task's pack; one that has none sees what the running task sees."""
        self._packs.wear(policy, self._number(column))

    def outfits(self, policy: Policy, columns: Iterable[int]) -> Mapping[int, Named]:
        """Return what each task's pack shows, where another one is worn."""
        numbers = {column: self._number(column) for column in columns}
        self._wardrobe.discard(FREE)  # it is all that still changes
        return {
            column: self._wardrobe.outfit(number, policy, lambda number: self._packs.outfit(policy, number))
            for column, number in numbers.items()
            if number != self._packs.worn
        }

    def leave(self, policy: Policy) -> None:
        """Go on as the running task sees the network; between stages, as the last pack does."""
        if self._running >= 0:
            self.activate(policy, self._running)
        self._packs.leave()
        self._running = -1

    def end_task(self, policy: Policy, column: int, rollout: Rollout) -> Iterator[None]:
        """Pack the task, and keep it on: what is scored and remembered next is what was packed."""
        yield from self._pack(policy, column, last_seen(policy, rollout, self.memory.entries(column)))
        self._running = -1

    def state(self) -> State:
        """Return who owns what."""
        numbers = [[column, number] for column, number in self._numbers.items()]
        return {"packs": self._packs.state(), "numbers": numbers, "running": self._running}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._packs.restore(state["packs"])
        self._numbers, self._running = dict(state["numbers"]), state["running"]
        self._wardrobe.clear()

    def _number(self, column: int) -> int:
        """Return the number of the pack that a task wears."""
        return FREE if column == self._running else self._numbers.get(column, FREE)

    def _pack(self, policy: Policy, column: int, sources: list[Source]) -> Iterator[None]:
        """Prune, retrain and freeze, a step of retraining at a time."""
        number = self._packs.prune(policy, self.config.share)
        shield = partial(self._packs.shield, policy, number)
        yield from retrain(policy, sources, self.config.retraining, shield, self.generator, self.clip_gradient)
        self._packs.freeze(policy)
        self._numbers[column] = number
