"""The formulas of the strategies against forgetting, each beside an independent computation."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.benchmarks.check import Check, apart, decisions
from agents.config import EpisodicConfig, SIConfig
from agents.continual.fisher import fisher_diagonal, scaled
from agents.continual.priorities import FLOOR, Priorities
from agents.continual.rehearsal import Repertoire
from agents.continual.si import SI
from agents.memory.episodic import EpisodicMemory
from agents.supervised.network import DigitPolicy, observed


def fisher() -> Check:
    """The squared slope of log softmax, in closed form by the chain rule through the network's two layers.

    One decision, over and over: what is drawn is its action. Its odds are made certain, so that chance plays no part.
    """
    policy, batch = decisions(certain=True)
    observations = batch.observations[torch.tensor([0])]
    # of a decision that is all but certain the slopes are tiny, so they are compared by their shares of the largest
    ours = scaled(fisher_diagonal(policy, observations, 8, torch.Generator().manual_seed(0)))
    slope = _slope_by_hand(policy, observations.prompts.tokens[0])
    theirs = {name: part**2 for name, part in slope.items()}
    wrong = {name: part.abs() for name, part in slope.items()}
    largest, widest = (max(float(part.max()) for part in side.values()) for side in (theirs, wrong))
    return Check(
        max(apart(ours[name], part / largest) for name, part in theirs.items()),
        max(apart(ours[name], part / widest) for name, part in wrong.items()),
        "the chain rule by hand through both layers",
        "slopes not squared",
    )


def _slope_by_hand(policy: DigitPolicy, image: Tensor) -> dict[str, Tensor]:
    """Return the slope of the likeliest action's log-probability with respect to each weight."""
    with torch.no_grad():
        pixels = image.double() / 16
        before = policy.hidden.weight @ pixels + policy.hidden.bias
        hidden = before.clamp(min=0)
        scores = policy.output.weight @ hidden + policy.output.bias
        odds = (scores - scores.max()).exp()
        odds /= odds.sum()
        error = -odds
        error[scores.argmax()] += 1
        back = (policy.output.weight.T @ error) * (before > 0)
        return {
            "hidden.weight": torch.outer(back, pixels),
            "hidden.bias": back,
            "output.weight": torch.outer(error, hidden),
            "output.bias": error,
        }


def synaptic_importance() -> Check:
    """On a quadratic loss ½ Σ h (θ − θ*)² gradient descent has a closed form, and so has the way it goes.

    With step size η each distance shrinks by 1 − η h, so ω = Σₜ η (h dₜ)², a geometric sum.
    """
    policy = DigitPolicy(torch.Generator().manual_seed(0)).double()
    memory = EpisodicMemory(EpisodicConfig(capacity=0), np.random.default_rng(0))
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
    images, columns = torch.zeros(sum(sizes), 64, dtype=torch.long), torch.zeros(sum(sizes), dtype=torch.long)
    places = torch.arange(sum(sizes)).split(sizes)
    repertoire = Repertoire(
        tuple(range(sum(sizes))), observed(images, columns), torch.zeros(0, 10), torch.zeros(0), places
    )
    queue = Priorities()
    queue.weights(repertoire, exponent)
    queue.note(torch.arange(sum(sizes)), torch.from_numpy(slips).float())
    chance = torch.Generator().manual_seed(0)
    rows, counts = queue.draw(repertoire, drawn, exponent, chance, balanced=True)
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
    weights = [math.pow(float(slip) + FLOOR, exponent) for slip in slips]
    return sum(weights[start:stop]) / ((stop - start) * weights[row])
