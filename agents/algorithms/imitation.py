"""Policy distillation: learn a teacher's action probabilities (Hinton et al., 2015; Rusu et al., 2016).

When the student acts and the teacher labels the states it visits, this is DAgger (Ross et al., 2011).
Shapes: B decisions, A actions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.algorithms import Algorithm, Loss
from agents.algorithms.advantages import discounted_returns
from agents.config.algorithms import AlgorithmConfig, batch_size, discount, vf_coef
from agents.distillation.loss import distillation_loss
from agents.policies import Act, Observations
from agents.rollout import Rollout, TeacherLabels
from envs.teaching import Teaching


@dataclass(frozen=True, slots=True)
class LabelledBatch:
    """B decisions with the teacher's labels; row i of each field is decision i."""

    observations: Observations
    probabilities: Tensor
    """(B, A) action probabilities of the teacher."""
    actions: Tensor
    """(B,) index of the teacher's preferred action."""
    returns: Tensor
    """(B,) discounted returns, targets of the value function."""

    def __len__(self) -> int:
        return len(self.actions)

    def __getitem__(self, rows: Tensor) -> LabelledBatch:
        return LabelledBatch(*(getattr(self, each.name)[rows] for each in fields(self)))


class Imitation(Algorithm):
    """Distil the teacher's action probabilities. The value is fitted too, for stages that learn from rewards later."""

    def __init__(self, config: AlgorithmConfig, teaching: Teaching) -> None:
        self.config, self._teaching = config, teaching

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[LabelledBatch]:
        """Yield the minibatches of `teaching.n_epochs` passes over the rollout, reshuffled for each pass."""
        labels = labels_of(rollout)
        gamma = discount(self.config)
        returns = discounted_returns(rollout, 1.0 if gamma is None else gamma).flatten()
        labelled = LabelledBatch(rollout.observations, labels.probabilities, labels.choices, returns)
        for _ in range(self._teaching.n_epochs):
            order = torch.randperm(len(labelled), generator=generator, device=generator.device)
            for rows in order.to(returns.device).split(batch_size(self.config) or len(labelled)):
                yield labelled[rows]

    def loss(self, act: Act, batch: LabelledBatch) -> Loss:
        """Return α · CE + (1 − α) · T² · KL + vf_coef · value error, a scalar to minimise.

        CE: cross-entropy with the teacher's choices, (B,). KL: divergence of the student from the teacher's action
        probabilities, (B, A'), at temperature T; α and T are those of `teaching`.
        """
        actions, values = act(batch.observations)
        loss = distillation_loss(actions.logits, batch.probabilities, batch.actions, self._teaching.temperature)
        value_error = F.mse_loss(values, batch.returns)
        total = loss.loss(self._teaching.alpha, self._teaching.temperature)
        terms = {
            "teacher_ce": loss.cross_entropy.detach(),
            "teacher_kl": loss.plain,
            "agreement": loss.agreement,
            "value": value_error.detach(),
            "entropy": actions.entropy().mean().detach(),
        }
        return Loss(total + vf_coef(self.config) * value_error, terms)


def labels_of(rollout: Rollout) -> TeacherLabels:
    """Return the teacher's labels of a rollout. Raises ValueError if it was collected without a teacher."""
    if rollout.labels is None:
        raise ValueError("this rollout has no teacher labels; learn from its rewards")
    return rollout.labels
