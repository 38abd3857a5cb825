"""Distillation loss between student and teacher (Hinton, Vinyals & Dean, 2015)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class DistillationLoss:
    """What lies between a student's decisions and its teacher's; scalars, means over B decisions."""

    cross_entropy: Tensor
    """Of the teacher's choices."""
    soft: Tensor
    """KL(teacher ‖ student) of the flattened probabilities."""
    plain: Tensor
    """KL(teacher ‖ student) of the probabilities as they are."""
    agreement: Tensor
    """Share of decisions in which the student's likeliest action is one of the teacher's."""

    def loss(self, alpha: float, temperature: float) -> Tensor:
        """Return α · CE + (1 − α) · T² · KL: T² keeps the two gradients comparable when T changes."""
        return alpha * self.cross_entropy + (1 - alpha) * temperature**2 * self.soft


def distillation_loss(logits: Tensor, probabilities: Tensor, choices: Tensor, temperature: float) -> DistillationLoss:
    """Compare a student's logits (B, A) with a teacher's probabilities (B, A') and choices (B,); A' is A or less."""
    probabilities = F.pad(probabilities, (0, logits.shape[-1] - probabilities.shape[-1]))
    likeliest = logits.detach().argmax(-1, keepdim=True)
    best = probabilities >= probabilities.max(-1, keepdim=True).values * (1 - 1e-4)
    return DistillationLoss(
        cross_entropy=F.cross_entropy(logits, choices),
        soft=_divergence(probabilities, logits, temperature),
        plain=_divergence(probabilities, logits.detach(), 1.0),
        agreement=best.gather(-1, likeliest).float().mean(),
    )


def _divergence(probabilities: Tensor, logits: Tensor, temperature: float) -> Tensor:
    """Return KL(p ‖ q), both flattened; what the teacher never does stays out of its sum."""
    flat = probabilities.pow(1 / temperature)
    now = (logits / temperature).log_softmax(-1).clamp(min=torch.finfo(logits.dtype).min)
    return F.kl_div(now, flat / flat.sum(-1, keepdim=True), reduction="none").sum(-1).mean()
