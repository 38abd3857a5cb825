"""Two strategies at once: their penalties are added, their changes to gradients and weights applied in order."""

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
    """Calls each hook of its two parts in order; settings and state are those of the parts."""

    config: BothConfig

    def __init__(self, config: BothConfig, first: ContinualStrategy, second: ContinualStrategy) -> None:
        super().__init__(config, first.memory, first.generator)
        self._parts = (first, second)

    @property
    def parts(self) -> tuple[ContinualStrategy, ...]:
        """The two strategies, in order."""
        return self._parts

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Prepare both for a stage."""
        for part in self._parts:
            part.begin_task(policy, task_id)

    def observe(self, rollout: Rollout) -> None:
        """Pass the rollout to both."""
        for part in self._parts:
            part.observe(rollout)

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return the sum of both penalties, a scalar."""
        first, second = (part.penalty(policy) for part in self._parts)
        return first + second

    def project(self, policy: Policy) -> None:
        """Change the gradients in place by the first strategy, then by the second."""
        for part in self._parts:
            part.project(policy)

    def gradients(self) -> Sequence[Tensor]:
        """Return the gradients of both strategies' own parameters, each in the shape of its parameter."""
        return [gradient for part in self._parts for gradient in part.gradients()]

    def constrain(self, policy: Policy) -> None:
        """Change the weights in place by the first strategy, then by the second."""
        for part in self._parts:
            part.constrain(policy)

    def activate(self, policy: Policy, task_id: int) -> None:
        """Load the weights of a task into the policy."""
        for part in self._parts:
            part.activate(policy, task_id)

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return the task weights of both parts; the settings refuse two strategies that both have task weights."""
        requested = tuple(task_ids)
        return dict(chain.from_iterable(part.task_weights(policy, requested).items() for part in self._parts))

    def deactivate(self, policy: Policy) -> None:
        """Deactivate both strategies, so that another one can take over."""
        for part in self._parts:
            part.deactivate(policy)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterator[None]:
        """Consolidate the task with one strategy, then with the other."""
        for part in self._parts:
            yield from part.end_task(policy, task_id, rollout)
