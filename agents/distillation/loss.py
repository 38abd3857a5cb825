"""Distillation loss between student and teacher (Hinton, Vinyals & Dean, 2015).

Shapes: B decisions, A actions of the student, A' of the teacher, with A' ≤ A.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class DistillationLoss:
    """The terms of the distillation loss, and metrics; scalars, means over B decisions."""

    cross_entropy: Tensor
    """Cross-entropy of the student with the teacher's choices as labels."""
    soft: Tensor
    """KL(teacher ‖ student) at temperature T."""
    plain: Tensor
    """KL(teacher ‖ student) at temperature 1, without gradient: a metric."""
    agreement: Tensor
    """Fraction of decisions in which the student's likeliest action is among the teacher's likeliest ones."""

    def loss(self, alpha: float, temperature: float) -> Tensor:
        """Return α · CE + (1 − α) · T² · KL, a scalar; T² keeps the scale of the gradient independent of T."""
        return alpha * self.cross_entropy + (1 - alpha) * temperature**2 * self.soft


def distillation_loss(logits: Tensor, probabilities: Tensor, choices: Tensor, temperature: float) -> DistillationLoss:
    """Compare a student's logits (B, A) with a teacher's probabilities (B, A') and choices (B,)."""
    probabilities = F.pad(probabilities, (0, logits.shape[-1] - probabilities.shape[-1]))
    likeliest = logits.detach().argmax(-1, keepdim=True)
    # a teacher may have several best actions of equal probability, up to rounding
    best = probabilities >= probabilities.max(-1, keepdim=True).values * (1 - 1e-4)
    return DistillationLoss(
        cross_entropy=F.cross_entropy(logits, choices),
        soft=_divergence(probabilities, logits, temperature),
        plain=_divergence(probabilities, logits.detach(), 1.0),
        agreement=best.gather(-1, likeliest).float().mean(),
    )


def _divergence(probabilities: Tensor, logits: Tensor, temperature: float) -> Tensor:
    """Return the mean of KL(teacher ‖ student) at this temperature, a scalar, from (B, A) each."""
    softened = probabilities.pow(1 / temperature)  # softmax(log p / T), before normalisation
    # log-softmax of a masked action may overflow to minus infinity; clamped, 0 · log q is 0 and not NaN
    student = (logits / temperature).log_softmax(-1).clamp(min=torch.finfo(logits.dtype).min)
    return F.kl_div(student, softened / softened.sum(-1, keepdim=True), reduction="none").sum(-1).mean()
