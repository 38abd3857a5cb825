"""The gradient step: combines the losses, the strategy and the optimiser."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator

import torch
from torch import Tensor

from agents.algorithms import Algorithm
from agents.algorithms.imitation import Imitation
from agents.config.algorithms import AlgorithmConfig, discount, ent_coef
from agents.config.learning import LearningConfig
from agents.continual import ContinualStrategy
from agents.errors import NotFinite, is_out_of_memory
from agents.optimiser import FlatAdam, clip
from agents.policies import Policy
from agents.registry import build
from agents.rollout import Decisions, Rollout
from agents.state_tree import State, moved

ENTROPY_SPAN = 0.7
"""Part of a stage in which the entropy bonus fades to its final weight."""

FEWEST = 8
"""Decisions of a gradient step that are never halved again when memory runs out."""


class Learner:
    """Improves a policy from rollouts. Algorithm and strategy may be swapped between updates."""

    def __init__(
        self,
        policy: Policy,
        algorithm: Algorithm,
        strategy: ContinualStrategy,
        config: LearningConfig,
        generator: torch.Generator,
    ) -> None:
        self.policy, self.algorithm, self.strategy, self.config = policy, algorithm, strategy, config
        self.optimiser = FlatAdam(policy)
        self._generator = generator
        self.total = 1
        """Environment steps of the running stage; may change while it goes on."""
        self.max_rows: int | None = None
        """Decisions of one gradient step at most, since memory has run out; None: it never has."""
        self._stages = 0
        self._updates = 0
        algorithm.begin_stage(policy)

    def begin_stage(self, total_steps: int) -> None:
        """Start a stage of `total_steps` environment steps with a fresh optimiser and fresh schedules."""
        self.optimiser = FlatAdam(self.policy)
        self.total = max(total_steps, 1)
        self._stages += 1
        self._updates = 0
        self.algorithm.begin_stage(self.policy)

    @property
    def gamma(self) -> float | None:
        """Discount by which rewards are scaled before they are learned from; None: they are taken as they are."""
        return discount(self.algorithm.config)

    def behaviour(self) -> Policy:
        """Return the policy as it acts while it learns."""
        return self.algorithm.behaviour(self.policy)

    def change_settings(self, algorithm: AlgorithmConfig, config: LearningConfig) -> None:
        """Learn by these settings from now on; what an algorithm keeps stays while it is the same one."""
        self.config = config
        if type(algorithm) is not type(self.algorithm.config):
            self.algorithm = build(algorithm)
            self.algorithm.begin_stage(self.policy)
        self.algorithm.config = algorithm

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Take every gradient step that `rollout` affords, yielding after each.

        `steps_done` counts the stage's environment steps so far. Returns the loss terms,
        averaged over the gradient steps, with `entropy`, `kl`, the norm of the `gradient`
        and the `rate`. Raises NotFinite before a bad gradient can touch the weights.
        """
        rate = self.rate(steps_done) * self._share(rollout)
        self.algorithm.progress = min(steps_done / self.total, 1.0)
        self.algorithm.ent_coef = self.ent_coef(steps_done)
        floor = self.strategy.floor
        self.algorithm.floors = {task_id: floor * unit for task_id, unit in rollout.units.items()} if floor else {}
        self.optimiser.gather()
        self.algorithm.begin_update(self.policy)
        labels = rollout.labels
        how = self.algorithm if labels is None else Imitation(self.algorithm.config, labels.teaching)
        sums: dict[str, Tensor] = {}
        count = 0
        for batch in how.batches(rollout, self._generator):
            for terms in self._fitted(how, batch, rate):
                for name, term in terms.items():
                    sums[name] = sums[name] + term if name in sums else term
                count += 1
                yield
        self._updates += 1
        means = (torch.stack(list(sums.values())) / count).tolist() if sums else []
        return {**dict(zip(sums, means, strict=True)), **how.extra_metrics, "rate": rate}

    def rate(self, steps_done: int) -> float:
        """Return the step size, which falls linearly over the stage."""
        part = min(steps_done / self.total, 1.0)
        return self.config.learning_rate + part * (self.config.final_learning_rate - self.config.learning_rate)

    def _share(self, rollout: Rollout) -> float:
        """Return what part of the step size to take: 1 / sqrt(K) where K tasks share each minibatch.

        A task has one K-th of the decisions there, so its gradient is noisier; and under Adam a batch that is a K-th
        as large asks for a step size of 1 / sqrt(K) (Malladi et al., 2022).
        """
        if not self.strategy.collects_from_all_tasks:
            return 1.0
        return float(rollout.observations.task_ids.unique().numel() ** -0.5)

    def ent_coef(self, steps_done: int) -> float:
        """Return the entropy bonus: it fades over most of the stage, after a burst if its task is new to the agent."""
        is_new = self._stages > 1 and not self.strategy.collects_from_all_tasks
        if is_new and self._updates < self.config.burst_updates:
            return self.config.burst_ent_coef
        part = min(steps_done / (ENTROPY_SPAN * self.total), 1.0)
        start = ent_coef(self.algorithm.config) * self.strategy.exploration
        return start + part * (self.config.final_ent_coef - start)

    def state(self) -> State:
        """Return all that decides the next gradient step, the weights left out."""
        first, second = ({name: pair[i] for name, pair in self.optimiser.moments().items()} for i in (0, 1))
        return {
            "first": first,
            "second": second,
            "steps": self.optimiser.steps,
            "total": self.total,
            "stages": self._stages,
            "updates": self._updates,
            "most": self.max_rows,
            "generator": self._generator.get_state(),
            "algorithm": {self.algorithm.config.name: self.algorithm.state()},
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken, on weights that were restored before."""
        self.optimiser = FlatAdam(self.policy)
        moments = {name: (first, state["second"][name]) for name, first in state["first"].items()}
        self.optimiser.restore(moments, state["steps"])
        self.total, self._stages, self._updates = state["total"], state["stages"], state["updates"]
        self._generator.set_state(state["generator"])
        self.algorithm.begin_stage(self.policy)
        kept = state["algorithm"].get(self.algorithm.config.name)  # what one algorithm kept means nothing to another
        if kept is not None:
            self.algorithm.restore(moved(kept, next(self.policy.parameters()).device))
        # a learner that is taken back still knows how little memory there is
        self.max_rows = min(
            (max_rows for max_rows in (self.max_rows, state["most"]) if max_rows is not None), default=None
        )

    def _fitted(self, how: Algorithm, batch: Decisions, rate: float) -> Iterator[dict[str, Tensor]]:
        """Take a gradient step on `batch`; where memory runs out, one on each half, from the same weights."""
        waiting = deque(self._parts(batch))
        while waiting:
            part = waiting.popleft()
            try:
                terms = self._slope(how, part)
            except Exception as error:
                if not is_out_of_memory(error) or len(part) <= FEWEST:
                    raise
                self.max_rows = max(len(part) // 2, FEWEST)
                waiting = deque(half for whole in (part, *waiting) for half in self._parts(whole))
                continue
            self.optimiser.step(rate)
            self.strategy.constrain(self.policy)
            yield terms

    def _parts(self, batch: Decisions) -> Iterable[Decisions]:
        if self.max_rows is None or len(batch) <= self.max_rows:
            return (batch,)
        return [batch[rows] for rows in torch.arange(len(batch), device=batch.actions.device).split(self.max_rows)]

    def _slope(self, how: Algorithm, batch: Decisions) -> dict[str, Tensor]:
        """Find the gradient to follow, and return the loss terms. Weights and moments stay as they are."""
        loss = how.loss(self.policy, batch)
        penalty = self.strategy.penalty(self.policy)
        total = loss.total + penalty
        self.optimiser.zero()
        total.backward()
        self.strategy.project(self.policy)
        if not torch.isfinite(total.detach()):
            raise NotFinite(f"loss {total.item():g}; lower learning.learning_rate")
        norm = clip([self.optimiser.gradient, *self.strategy.gradients()], self.config.max_grad_norm)
        terms = {**loss.terms, "gradient": norm}
        if isinstance(penalty, Tensor):
            terms["penalty"] = penalty.detach()
        return terms
