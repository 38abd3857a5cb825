"""Policy distillation: learn a teacher's action probabilities (Hinton et al., 2015; Rusu et al., 2016).

Where the student acts and the teacher judges what it meets, this is the idea of DAgger (Ross et al., 2011).
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
    """Decisions, what the teacher would have done, and what they earned; row i of each field is one decision."""

    observations: Observations
    probabilities: Tensor
    actions: Tensor
    """What the teacher would have done."""
    returns: Tensor

    def __len__(self) -> int:
        return len(self.actions)

    def __getitem__(self, rows: Tensor) -> LabelledBatch:
        return LabelledBatch(*(getattr(self, each.name)[rows] for each in fields(self)))


class Imitation(Algorithm):
    """Do what the teacher does. The value is learned beside it, as the run's algorithm would: rewards may follow."""

    def __init__(self, config: AlgorithmConfig, teaching: Teaching) -> None:
        self.config, self._teaching = config, teaching

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[LabelledBatch]:
        """Yield shuffled minibatches, as often over as the teaching says."""
        labels = labels_of(rollout)
        gamma = discount(self.config)
        returns = discounted_returns(rollout, 1.0 if gamma is None else gamma).flatten()
        judged = LabelledBatch(rollout.observations, labels.probabilities, labels.choices, returns)
        for _ in range(self._teaching.n_epochs):
            order = torch.randperm(len(judged), generator=generator, device=generator.device)
            for rows in order.to(returns.device).split(batch_size(self.config) or len(judged)):
                yield judged[rows]

    def loss(self, act: Act, batch: LabelledBatch) -> Loss:
        """Return α · CE + (1 − α) · T² · KL, plus the value's error."""
        actions, values = act(batch.observations)
        found = distillation_loss(actions.logits, batch.probabilities, batch.actions, self._teaching.temperature)
        value_error = F.mse_loss(values, batch.returns)
        total = found.loss(self._teaching.alpha, self._teaching.temperature)
        terms = {
            "teacher_ce": found.cross_entropy.detach(),
            "teacher_kl": found.plain,
            "agreement": found.agreement,
            "value": value_error.detach(),
            "entropy": actions.entropy().mean().detach(),
        }
        return Loss(total + vf_coef(self.config) * value_error, terms)


def labels_of(rollout: Rollout) -> TeacherLabels:
    """Return what a teacher said about a rollout. Raises ValueError if none was there."""
    if rollout.labels is None:
        raise ValueError("nobody has taught in this rollout; learn from its rewards")
    return rollout.labels
