"""The gradient learner: minibatch losses plus the strategy's penalty, clipped gradients, Adam.

Shapes: K tasks; scalars are 0-d tensors.
"""

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

ENTROPY_DECAY_FRACTION = 0.7
"""Fraction of a stage in which the entropy bonus decays to its final weight."""

MIN_ROWS = 8
"""Minibatches of this many decisions or fewer are not halved when memory runs out."""


class Learner:
    """Updates a policy from rollouts. Algorithm and strategy may be replaced between updates."""

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
        """Environment steps of the running stage; may be changed while it runs."""
        self.max_rows: int | None = None
        """Maximum number of decisions in a gradient step, set after memory ran out; None: unlimited."""
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
        """Discount of the returns that scale the rewards; None: rewards are not scaled."""
        return discount(self.algorithm.config)

    def behaviour(self) -> Policy:
        """Return the behaviour policy, which collects rollouts."""
        return self.algorithm.behaviour(self.policy)

    def change_settings(self, algorithm: AlgorithmConfig, config: LearningConfig) -> None:
        """Apply other settings from the next update on; an algorithm of the same class keeps its state."""
        self.config = config
        if type(algorithm) is not type(self.algorithm.config):
            self.algorithm = build(algorithm)
            self.algorithm.begin_stage(self.policy)
        self.algorithm.config = algorithm

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Take a gradient step on each minibatch of `rollout`, yielding after each.

        `steps_done` counts the stage's environment steps so far. Returns the loss terms and
        the `gradient` norm, averaged over the gradient steps, and the learning `rate`.
        Raises NotFinite before a gradient with NaN or infinity can change the weights.
        """
        # schedules: everything that depends on the progress of the stage is set once per update
        rate = self.rate(steps_done) * self._rate_factor(rollout)
        self.algorithm.progress = min(steps_done / self.total, 1.0)
        self.algorithm.ent_coef = self.ent_coef(steps_done)
        floor = self.strategy.min_advantage_scale
        self.algorithm.floors = {task_id: floor * unit for task_id, unit in rollout.units.items()} if floor else {}
        self.optimiser.gather()  # the embedding may have grown since the last update
        self.algorithm.begin_update(self.policy)
        labels = rollout.labels
        algorithm = self.algorithm if labels is None else Imitation(self.algorithm.config, labels.teaching)
        sums: dict[str, Tensor] = {}  # scalars stay on the device until the end, so that no step waits for it
        count = 0
        for batch in algorithm.batches(rollout, self._generator):
            for terms in self._step_within_memory(algorithm, batch, rate):
                for name, term in terms.items():
                    sums[name] = sums[name] + term if name in sums else term
                count += 1
                yield
        self._updates += 1
        means = (torch.stack(list(sums.values())) / count).tolist() if sums else []
        return {**dict(zip(sums, means, strict=True)), **algorithm.extra_metrics, "rate": rate}

    def rate(self, steps_done: int) -> float:
        """Return the learning rate, which changes linearly over the stage."""
        fraction = min(steps_done / self.total, 1.0)
        return self.config.learning_rate + fraction * (self.config.final_learning_rate - self.config.learning_rate)

    def _rate_factor(self, rollout: Rollout) -> float:
        """Return the factor of the learning rate: 1 / sqrt(K) if K tasks share each minibatch, else 1.

        Each task then has 1 / K of the minibatch, and under Adam the learning rate scales with the square root of
        the batch size (Malladi et al., 2022).
        """
        if not self.strategy.collects_from_all_tasks:
            return 1.0
        return float(rollout.observations.task_ids.unique().numel() ** -0.5)

    def ent_coef(self, steps_done: int) -> float:
        """Return the weight of the entropy bonus: a linear decay, after a burst if the stage's task is new."""
        is_new = self._stages > 1 and not self.strategy.collects_from_all_tasks
        if is_new and self._updates < self.config.burst_updates:
            return self.config.burst_ent_coef
        fraction = min(steps_done / (ENTROPY_DECAY_FRACTION * self.total), 1.0)
        start = ent_coef(self.algorithm.config) * self.strategy.ent_coef_scale
        return start + fraction * (self.config.final_ent_coef - start)

    def state(self) -> State:
        """Return the state of optimiser, schedules, generator and algorithm, without the weights."""
        first, second = ({name: pair[i] for name, pair in self.optimiser.moments().items()} for i in (0, 1))
        return {
            "first": first,
            "second": second,
            "steps": self.optimiser.steps,
            "total": self.total,
            "stages": self._stages,
            "updates": self._updates,
            "max_rows": self.max_rows,
            "generator": self._generator.get_state(),
            "algorithm": {self.algorithm.config.name: self.algorithm.state()},
        }

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned; the weights must have been restored before."""
        self.optimiser = FlatAdam(self.policy)
        moments = {name: (first, state["second"][name]) for name, first in state["first"].items()}
        self.optimiser.restore(moments, state["steps"])
        self.total, self._stages, self._updates = state["total"], state["stages"], state["updates"]
        self._generator.set_state(state["generator"])
        self.algorithm.begin_stage(self.policy)
        algorithm_state = state["algorithm"].get(self.algorithm.config.name)  # another algorithm cannot use it
        if algorithm_state is not None:
            self.algorithm.restore(moved(algorithm_state, next(self.policy.parameters()).device))
        # keep the smaller limit: a rollback to an earlier checkpoint does not add memory
        self.max_rows = min(
            (max_rows for max_rows in (self.max_rows, state["max_rows"]) if max_rows is not None), default=None
        )

    def _step_within_memory(self, algorithm: Algorithm, batch: Decisions, rate: float) -> Iterator[dict[str, Tensor]]:
        """Take a gradient step on `batch`, and yield its loss terms; if memory runs out, step on each half instead."""
        pending = deque(self._fitting_parts(batch))
        while pending:
            part = pending.popleft()
            try:
                terms = self._compute_gradient(algorithm, part)
            except Exception as error:  # torch has no exception class of its own for memory on the CPU
                if not is_out_of_memory(error) or len(part) <= MIN_ROWS:
                    raise
                # nothing has changed the weights yet, so the smaller parts start from the same ones
                self.max_rows = max(len(part) // 2, MIN_ROWS)
                pending = deque(smaller for larger in (part, *pending) for smaller in self._fitting_parts(larger))
                continue
            self.optimiser.step(rate)
            self.strategy.constrain(self.policy)
            yield terms

    def _fitting_parts(self, batch: Decisions) -> Iterable[Decisions]:
        """Split `batch` into parts of at most `max_rows` decisions."""
        if self.max_rows is None or len(batch) <= self.max_rows:
            return (batch,)
        return [batch[rows] for rows in torch.arange(len(batch), device=batch.actions.device).split(self.max_rows)]

    def _compute_gradient(self, algorithm: Algorithm, batch: Decisions) -> dict[str, Tensor]:
        """Compute the clipped gradient of loss plus penalty, and return the loss terms; the weights do not change."""
        loss = algorithm.loss(self.policy, batch)
        penalty = self.strategy.penalty(self.policy)
        total = loss.total + penalty
        self.optimiser.zero_grad()
        total.backward()
        self.strategy.project(self.policy)  # such as A-GEM: change the gradient before it is clipped
        if not torch.isfinite(total.detach()):
            raise NotFinite(f"loss {total.item():g}; lower learning.learning_rate")
        norm = clip([self.optimiser.gradient, *self.strategy.gradients()], self.config.max_grad_norm)
        terms = {**loss.terms, "gradient": norm}
        if isinstance(penalty, Tensor):
            terms["penalty"] = penalty.detach()
        return terms
