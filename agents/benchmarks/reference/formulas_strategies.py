"""The formulas of the strategies against forgetting, each compared with an independent computation."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.benchmarks.reference.check import Check, decisions, max_difference
from agents.config.learning import EpisodicConfig
from agents.config.strategies import SIConfig
from agents.continual.fisher import fisher_diagonal
from agents.continual.rehearsal import RehearsalSet
from agents.continual.replay import PRIORITY_EPSILON, Priorities
from agents.continual.si import SI
from agents.memory.episodic import EpisodicMemory
from agents.supervised.network import DigitPolicy, as_observations


def fisher() -> Check:
    """The expected squared gradient of log softmax in closed form, by the chain rule through both layers."""
    policy, batch = decisions()
    observations = batch.observations
    ours = fisher_diagonal(policy, observations, len(observations), torch.Generator().manual_seed(0))
    expected = _fisher_by_hand(policy, observations.prompts.tokens, weighted=True)
    wrong = _fisher_by_hand(policy, observations.prompts.tokens, weighted=False)
    # differences are relative to the largest importance
    largest, largest_wrong = (max(float(part.max()) for part in side.values()) for side in (expected, wrong))
    return Check(
        max(max_difference(ours[name] / largest, part / largest) for name, part in expected.items()),
        max(max_difference(ours[name] / largest, part / largest_wrong) for name, part in wrong.items()),
        "the chain rule by hand through both layers",
        "actions not weighed by their probabilities",
    )


@torch.no_grad()
def _fisher_by_hand(policy: DigitPolicy, images: Tensor, *, weighted: bool) -> dict[str, Tensor]:
    """Return the Fisher diagonal by parameter name, each of the parameter's shape, as the mean over images (B, 64).

    It sums the squared gradients of log π over the actions, weighted by their probabilities or uniformly.
    """
    pixels = images.double() / 16
    before = pixels @ policy.hidden.weight.T + policy.hidden.bias  # (B, 100)
    hidden = before.clamp(min=0)
    logits = hidden @ policy.output.weight.T + policy.output.bias
    probabilities = (logits - logits.max(-1, keepdim=True).values).exp()
    probabilities /= probabilities.sum(-1, keepdim=True)  # (B, 10)
    weights = probabilities if weighted else torch.full_like(probabilities, 0.1)
    errors = torch.eye(10, dtype=torch.float64) - probabilities[:, None]  # (B, action, digit)
    hidden_errors = (errors @ policy.output.weight) * (before > 0)[:, None]  # (B, action, 100)
    output_terms = weights[:, :, None] * errors**2 / len(images)
    hidden_terms = weights[:, :, None] * hidden_errors**2 / len(images)
    return {
        "hidden.weight": torch.einsum("bah,bp->hp", hidden_terms, pixels**2),
        "hidden.bias": hidden_terms.sum((0, 1)),
        "output.weight": torch.einsum("bad,bh->dh", output_terms, hidden**2),
        "output.bias": output_terms.sum((0, 1)),
    }


def synaptic_importance() -> Check:
    """The path integral of Zenke et al. (2017) on a quadratic loss ½ Σ h (θ − θ*)², where it has a closed form.

    Gradient descent with step size η multiplies each distance d by 1 − η h, so ω = Σₜ η (h dₜ)², a geometric sum.
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
    decay = 1 - rate * curvature
    factor = rate * curvature**2 * (1 - decay ** (2 * steps)) / (1 - decay**2)
    expected = {name: factor * (weight - 1) ** 2 for name, weight in start.items()}
    wrong = {name: curvature / 2 * (weight - 1) ** 2 for name, weight in start.items()}  # the decrease of the loss
    return Check(
        max(max_difference(strategy.paths[name], omega) for name, omega in expected.items()),
        max(max_difference(strategy.paths[name], omega) for name, omega in wrong.items()),
        "the geometric sum on a quadratic loss",
        "the fall of the loss instead of the sum along the way",
    )


def prioritised_replay() -> Check:
    """Sections 3.3 and 3.4 of Schaul et al. (2016): P(i) = pᵢᵅ / Σₖ pₖᵅ, and the weight of a drawn row is 1 / (N P(i)).

    N and the sum range over the rows of the same task.
    """
    sizes, exponent, drawn = (5, 9), 0.6, 200
    td_errors = np.random.default_rng(0).random(sum(sizes))
    images, task_ids = torch.zeros(sum(sizes), 64, dtype=torch.long), torch.zeros(sum(sizes), dtype=torch.long)
    rows_by_task = torch.arange(sum(sizes)).split(sizes)
    rehearsal_set = RehearsalSet(
        tuple(range(sum(sizes))), as_observations(images, task_ids), torch.zeros(0, 10), torch.zeros(0), rows_by_task
    )
    priorities = Priorities()
    priorities.weights(rehearsal_set, exponent)
    priorities.update(torch.arange(sum(sizes)), torch.from_numpy(td_errors).float())
    rng = torch.Generator().manual_seed(0)
    rows, weights = priorities.sample(rehearsal_set, drawn, exponent, rng, balanced=True)
    expected = [_importance_weight(td_errors, sizes, row, exponent) for row in rows.tolist()]
    wrong = [_importance_weight(td_errors, sizes, row, 1.0) for row in rows.tolist()]
    return Check(
        max_difference(weights, torch.tensor(expected)) / max(expected),
        max_difference(weights, torch.tensor(wrong)) / max(expected),
        "a loop over single numbers",
        "exponent 1",
    )


def _importance_weight(td_errors: NDArray[np.float64], sizes: tuple[int, ...], row: int, exponent: float) -> float:
    """Return 1 / (N P(row)), N and P within the task of the row."""
    start, stop = (0, sizes[0]) if row < sizes[0] else (sizes[0], sum(sizes))
    weights = [math.pow(float(td_error) + PRIORITY_EPSILON, exponent) for td_error in td_errors]
    return sum(weights[start:stop]) / ((stop - start) * weights[row])
