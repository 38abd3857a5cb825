"""The formulas of the strategies against forgetting, each beside an independent computation."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.benchmarks.reference.check import Check, apart, decisions
from agents.config.learning import EpisodicConfig
from agents.config.strategies import SIConfig
from agents.continual.fisher import fisher_diagonal
from agents.continual.rehearsal import RehearsalSet
from agents.continual.replay import PRIORITY_EPSILON, Priorities
from agents.continual.si import SI
from agents.memory.episodic import EpisodicMemory
from agents.supervised.network import DigitPolicy, as_observations


def fisher() -> Check:
    """The expected squared slope of log softmax, in closed form by the chain rule through the network's two layers."""
    policy, batch = decisions()
    observations = batch.observations
    ours = fisher_diagonal(policy, observations, len(observations), torch.Generator().manual_seed(0))
    theirs = _expected_by_hand(policy, observations.prompts.tokens, weighted=True)
    wrong = _expected_by_hand(policy, observations.prompts.tokens, weighted=False)
    largest, widest = (max(float(part.max()) for part in side.values()) for side in (theirs, wrong))
    return Check(
        max(apart(ours[name] / largest, part / largest) for name, part in theirs.items()),
        max(apart(ours[name] / largest, part / widest) for name, part in wrong.items()),
        "the chain rule by hand through both layers",
        "actions not weighed by their probabilities",
    )


@torch.no_grad()
def _expected_by_hand(policy: DigitPolicy, images: Tensor, *, weighted: bool) -> dict[str, Tensor]:
    """Return the mean over images (B, 64) of the squared slopes of log π, actions weighed by probability or alike."""
    pixels = images.double() / 16
    before = pixels @ policy.hidden.weight.T + policy.hidden.bias  # (B, 100)
    hidden = before.clamp(min=0)
    scores = hidden @ policy.output.weight.T + policy.output.bias
    probabilities = (scores - scores.max(-1, keepdim=True).values).exp()
    probabilities /= probabilities.sum(-1, keepdim=True)  # (B, 10)
    likely = probabilities if weighted else torch.full_like(probabilities, 0.1)
    errors = torch.eye(10, dtype=torch.float64) - probabilities[:, None]  # (B, action, digit)
    back = (errors @ policy.output.weight) * (before > 0)[:, None]  # (B, action, 100)
    outer = likely[:, :, None] * errors**2 / len(images)
    inner = likely[:, :, None] * back**2 / len(images)
    return {
        "hidden.weight": torch.einsum("bah,bp->hp", inner, pixels**2),
        "hidden.bias": inner.sum((0, 1)),
        "output.weight": torch.einsum("bad,bh->dh", outer, hidden**2),
        "output.bias": outer.sum((0, 1)),
    }


def synaptic_importance() -> Check:
    """On a quadratic loss ½ Σ h (θ − θ*)² gradient descent has a closed form, and so has the way it goes.

    With step size η each distance shrinks by 1 − η h, so ω = Σₜ η (h dₜ)², a geometric sum.
    """
    policy = DigitPolicy(torch.Generator().manual_seed(0)).double()
    memory = EpisodicMemory(EpisodicConfig(buffer_size=0), np.random.default_rng(0))
    strategy = SI(SIConfig(), memory, torch.Generator().manual_seed(0))
    rate, steps, curvature = 0.1, 25, 2.0
    start = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    descent = torch.optim.SGD(policy.parameters(), lr=rate)
    strategy.begin_task(policy, 0)
    for _ in range(steps):
        for weight in policy.parameters():
            weight.grad = curvature * (weight.detach() - 1)
        strategy.project(policy)
        descent.step()
        strategy.constrain(policy)
    fade = 1 - rate * curvature
    part = rate * curvature**2 * (1 - fade ** (2 * steps)) / (1 - fade**2)
    theirs = {name: part * (weight - 1) ** 2 for name, weight in start.items()}
    wrong = {name: curvature / 2 * (weight - 1) ** 2 for name, weight in start.items()}  # the fall of the loss
    return Check(
        max(apart(strategy.paths[name], way) for name, way in theirs.items()),
        max(apart(strategy.paths[name], fall) for name, fall in wrong.items()),
        "the geometric sum on a quadratic loss",
        "the fall of the loss instead of the sum along the way",
    )


def priorities() -> Check:
    """Sections 3.3 and 3.4 of Schaul et al. 2016: P(i) = pᵢᵅ / Σ pᵏᵅ, and what is drawn counts 1 / (N P(i)).

    Each task's rows compete among themselves, as a loop over single numbers says it.
    """
    sizes, exponent, drawn = (5, 9), 0.6, 200
    slips = np.random.default_rng(0).random(sum(sizes))
    images, task_ids = torch.zeros(sum(sizes), 64, dtype=torch.long), torch.zeros(sum(sizes), dtype=torch.long)
    places = torch.arange(sum(sizes)).split(sizes)
    rehearsal_set = RehearsalSet(
        tuple(range(sum(sizes))), as_observations(images, task_ids), torch.zeros(0, 10), torch.zeros(0), places
    )
    queue = Priorities()
    queue.weights(rehearsal_set, exponent)
    queue.update(torch.arange(sum(sizes)), torch.from_numpy(slips).float())
    rng = torch.Generator().manual_seed(0)
    rows, counts = queue.draw(rehearsal_set, drawn, exponent, rng, balanced=True)
    theirs = [_correction(slips, sizes, row, exponent) for row in rows.tolist()]
    wrong = [_correction(slips, sizes, row, 1.0) for row in rows.tolist()]
    return Check(
        apart(counts, torch.tensor(theirs)) / max(theirs),
        apart(counts, torch.tensor(wrong)) / max(theirs),
        "a loop over single numbers",
        "exponent 1",
    )


def _correction(slips: NDArray[np.float64], sizes: tuple[int, ...], row: int, exponent: float) -> float:
    start, stop = (0, sizes[0]) if row < sizes[0] else (sizes[0], sum(sizes))
    weights = [math.pow(float(slip) + PRIORITY_EPSILON, exponent) for slip in slips]
    return sum(weights[start:stop]) / ((stop - start) * weights[row])
