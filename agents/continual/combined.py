"""Two strategies at once: their penalties are added, their gradient and weight changes applied in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from torch import Tensor

from agents.config.strategy_pair import BothConfig
from agents.continual import ContinualStrategy
from agents.continual.task_weights import TaskWeights
from agents.policies import Policy
from agents.rollout import Rollout


class CombinedStrategy(ContinualStrategy):
    """Passes each moment on to its parts, in order; each has a state and settings of its own, this has none."""

    config: BothConfig

    def __init__(self, config: BothConfig, first: ContinualStrategy, second: ContinualStrategy) -> None:
        super().__init__(config, first.memory, first.generator)
        self._parts = (first, second)

    @property
    def parts(self) -> tuple[ContinualStrategy, ...]:
        """The two."""
        return self._parts

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Prepare both for a stage."""
        for part in self._parts:
            part.begin_task(policy, task_id)

    def observe(self, rollout: Rollout) -> None:
        """Let both see what was just lived through."""
        for part in self._parts:
            part.observe(rollout)

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return the sum of both penalties."""
        first, second = (part.penalty(policy) for part in self._parts)
        return first + second

    def project(self, policy: Policy) -> None:
        """Adjust gradients, the second what the first has left."""
        for part in self._parts:
            part.project(policy)

    def gradients(self) -> Sequence[Tensor]:
        """Return what both train beside the policy's weights."""
        return [gradient for part in self._parts for gradient in part.gradients()]

    def constrain(self, policy: Policy) -> None:
        """Adjust weights, one after the other."""
        for part in self._parts:
            part.constrain(policy)

    def activate(self, policy: Policy, task_id: int) -> None:
        """Switch to what belongs to a task."""
        for part in self._parts:
            part.activate(policy, task_id)

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return those of either part: two that both have weights by task can't be combined."""
        asked = tuple(task_ids)
        return dict(chain.from_iterable(part.task_weights(policy, asked).items() for part in self._parts))

    def leave(self, policy: Policy) -> None:
        """Let another strategy take over from both."""
        for part in self._parts:
            part.leave(policy)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterator[None]:
        """Let both consolidate what the stage taught."""
        for part in self._parts:
            yield from part.end_task(policy, task_id, rollout)
