"""Are the formulas the published ones? Each is compared with an independent computation of the same numbers.

The reference is a closed form, a loop over single numbers, or another library. As control, a formula with a common
mistake must differ from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer
from torch import Tensor

from agents.algorithms.advantages import generalised_advantages
from agents.algorithms.ppo import PPO
from agents.analysis.definitions import FAMILIES, History, measured
from agents.analysis.learning_curve import LearningCurve
from agents.analysis.statistics import interquartile_mean, probability_of_improvement
from agents.benchmarks.reference.check import DIFFERENT, EXACT, Check, decisions, max_difference
from agents.benchmarks.reference.formulas_off_policy import off_policy_targets
from agents.benchmarks.reference.formulas_strategies import fisher, prioritised_replay, synaptic_importance
from agents.benchmarks.report.figure import Figure, at_most
from agents.config.algorithms import PPOConfig
from agents.rollout import Batch, Rollout
from agents.supervised.network import DigitPolicy, as_observations

GAMMA, LAMBDA = 0.97, 0.9
STEPS, WORLDS = 40, 6


def measure() -> list[Figure]:
    """Return the largest difference of each formula from its reference, and as control that of a wrong formula."""
    figures = []
    for name, compute in CHECKS.items():
        check = compute()
        claim = at_most(name, check.difference, "largest difference", check.tolerance, f"against {check.against}")
        figures.append(claim.beside(check.mistaken, f"with a mistake: {check.mistake}"))
        goal, source = f"> {DIFFERENT:g}", f"a mistake on purpose: {check.mistake}"
        is_different = check.mistaken > DIFFERENT
        figures.append(Figure(f"{name}, control", check.mistaken, "largest difference", goal, is_different, source))
    return figures


def _advantages() -> Check:
    """Equation 16 of Schulman et al. (2016) against stable-baselines3, which bootstraps time limits in the reward."""
    rollout = _rollout(torch.float32)
    buffer = RolloutBuffer(
        STEPS, spaces.Box(0, 1, (1,)), spaces.Discrete(2), "cpu", gae_lambda=LAMBDA, gamma=GAMMA, n_envs=WORLDS
    )
    ended = (rollout.terminated + rollout.truncated).numpy()
    buffer.rewards[:] = (rollout.rewards + GAMMA * rollout.final_values).numpy()
    buffer.values[:] = rollout.values.numpy()
    buffer.episode_starts[1:] = ended[:-1]
    buffer.compute_returns_and_advantage(rollout.last_values, ended[-1])
    theirs = torch.from_numpy(buffer.advantages)
    ours, wrong = (generalised_advantages(rollout, GAMMA, part) for part in (LAMBDA, 1.0))
    return Check(
        max_difference(ours, theirs), max_difference(wrong, theirs), "stable-baselines3's RolloutBuffer", "λ = 1"
    )


def _advantages_in_closed_form() -> Check:
    """The sum of the later TD errors of the same episode, (γλ)ᵏ δ, term by term."""
    rollout = _rollout(torch.float64)
    theirs = torch.tensor(
        [[_advantage(rollout, step, world) for world in range(WORLDS)] for step in range(STEPS)], dtype=torch.float64
    )
    ours, wrong = (generalised_advantages(rollout, gamma, LAMBDA) for gamma in (GAMMA, 1.0))
    return Check(
        max_difference(ours, theirs), max_difference(wrong, theirs), "the closed form, summed term by term", "γ = 1"
    )


def _advantage(rollout: Rollout, start: int, world: int) -> float:
    """Return the advantage of one step: the sum stops where the episode ends."""
    total = 0.0
    for step in range(start, STEPS):
        value, is_truncated = float(rollout.values[step, world]), bool(rollout.truncated[step, world])
        next_value = float(rollout.values[step + 1, world] if step + 1 < STEPS else rollout.last_values[world])
        next_value = float(rollout.final_values[step, world]) if is_truncated else next_value
        next_value = 0.0 if rollout.terminated[step, world] else next_value
        td_error = float(rollout.rewards[step, world]) + GAMMA * next_value - value
        total += (GAMMA * LAMBDA) ** (step - start) * td_error
        if is_truncated or rollout.terminated[step, world]:
            break
    return total


def _ppo() -> Check:
    """Equation 9 of Schulman et al. (2017) as a loop over decisions, in plain numbers."""
    policy, batch = decisions()
    theirs = _loss_by_hand(policy, batch)
    ours, wrong = (float(PPO(PPOConfig(clip_range=clip)).loss(policy, batch).total.detach()) for clip in (0.2, 0.9))
    return Check(abs(ours - theirs), abs(wrong - theirs), "a loop over decisions in plain numbers", "clipped at 0.9")


def _loss_by_hand(policy: DigitPolicy, batch: Batch) -> float:
    config = PPOConfig()
    logits = policy(batch.observations)[0].logits.tolist()
    advantages = np.array(batch.advantages.tolist())
    advantages = (advantages - advantages.mean()) / advantages.std(ddof=1)
    total = 0.0
    for row, action_logits in enumerate(logits):
        partition = sum(math.exp(logit) for logit in action_logits)
        probabilities = [math.exp(logit) / partition for logit in action_logits]
        ratio = probabilities[int(batch.actions[row])] / math.exp(float(batch.log_probs[row]))
        clipped = min(max(ratio, 1 - config.clip_range), 1 + config.clip_range)
        surrogate = min(ratio * advantages[row], clipped * advantages[row])
        entropy = -sum(probability * math.log(probability) for probability in probabilities)
        error = float(batch.returns[row]) ** 2  # the value of every digit is 0
        total += -surrogate + config.vf_coef * error - config.ent_coef * entropy
    return total / len(logits)


def _metrics() -> Check:
    """Every metric of every family on one evaluation matrix, computed by hand."""
    metrics = measured(HISTORY)
    pairs = [(metrics[family][key], number) for family, numbers in BY_HAND.items() for key, number in numbers.items()]
    difference = max(abs((ours or 0.0) - theirs) for ours, theirs in pairs)
    # families define forgetting differently: on this matrix no other definition may agree with Chaudhry's
    others = [metrics[family.key]["forgetting"] or 0.0 for family in FAMILIES[1:]]
    mistaken = min(abs(other - BY_HAND["chaudhry"]["forgetting"]) for other in others)
    return Check(difference, mistaken, "a matrix worked out by hand", "another family's forgetting", EXACT)


def _statistics() -> Check:
    """Interquartile mean and probability of improvement of a few scores, computed by hand."""
    scores = np.array([[0.0, 0.9], [0.1, 0.6], [0.4, 1.0], [0.3, 0.5]])
    ours, theirs = np.array([[0.5], [0.9]]), np.array([[0.5], [0.6], [0.7]])
    expected_mean, expected_probability = (0.3 + 0.4 + 0.5 + 0.6) / 4, 3.5 / 6
    difference = max(
        abs(float(interquartile_mean(scores)) - expected_mean),
        abs(float(probability_of_improvement(ours, theirs)) - expected_probability),
    )
    return Check(
        difference, abs(float(scores.mean()) - expected_mean), "numbers worked out by hand", "the plain mean", EXACT
    )


R = np.array([[0.1, 0.2, 0.4], [0.9, 0.3, 0.2], [0.5, 0.5, 0.3], [0.4, 0.8, 1.0]])
HISTORY = History(
    R,
    (1, 2, 3),
    (LearningCurve((0, 100), (0.2, 0.8)), LearningCurve((0, 50, 100), (0, 1, 1)), LearningCurve((0, 100), (0.6, 0.6))),
    (LearningCurve((0, 100), (0, 0.8)), LearningCurve((0, 200), (0, 1)), LearningCurve((0, 100), (0.8, 0.8))),
)
"""Three tasks; the third stage improves the second. Areas under the curves 0.5, 0.75, 0.6; experts 0.4, 0.25, 0.8."""
_AREA = (0.1 / 0.6 + 0.5 / 0.75 - 0.2 / 0.2) / 3
BY_HAND: Mapping[str, Mapping[str, float]] = {
    "chaudhry": {"average": 2.2 / 3, "forgetting": (0.5 - 0.3) / 2, "backward": (-0.5 + 0.3) / 2, "forward": 0.0},
    "gem": {"average": 2.2 / 3, "forgetting": 0.5 / 2, "backward": (-0.5 + 0.3) / 2, "forward": 0.0},
    "continual-world": {"average": 2.2 / 3, "forgetting": (0.5 - 0.3 + 0.0) / 3, "forward": _AREA},
    "coom": {"average": (0.9 + 0.5 + 0.4 + 0.5 + 0.8 + 1.0) / 6, "forgetting": 0.5 / 2, "forward": _AREA},
    "cora": {
        "average": 2.2 / 3,
        "forgetting": (0.4 / 0.9 + 0.1 / 0.9 - 0.3 / 0.8) / 3,
        "forward": (0.1 / 0.8 - 0.2 / 1.0 + 0.1 / 1.0) / 3,
    },
}
CHECKS: Mapping[str, Callable[[], Check]] = {
    "advantages (GAE)": _advantages,
    "advantages (GAE), closed form": _advantages_in_closed_form,
    "off-policy targets (V-trace)": off_policy_targets,
    "PPO's loss": _ppo,
    "Fisher importance": fisher,
    "synaptic importance (SI)": synaptic_importance,
    "prioritised replay": prioritised_replay,
    "metrics of continual learning": _metrics,
    "statistics over seeds": _statistics,
}
"""All checks; a new formula is a new row."""


def _rollout(kind: torch.dtype) -> Rollout:
    """Return a random rollout in which a fifth of the steps end an episode, half of these by the time limit."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=kind)

    ended = torch.rand(STEPS, WORLDS, generator=generator) < 0.2
    by_limit = torch.rand(STEPS, WORLDS, generator=generator) < 0.5
    truncated, unused = (ended & by_limit).to(kind), torch.zeros(STEPS, WORLDS)
    return Rollout(
        observations=as_observations(torch.zeros(STEPS * WORLDS, 64), torch.zeros(STEPS * WORLDS)),
        actions=unused,
        log_probs=unused,
        values=normal(STEPS, WORLDS),
        rewards=normal(STEPS, WORLDS),
        terminated=(ended & ~by_limit).to(kind),
        truncated=truncated,
        final_values=normal(STEPS, WORLDS) * truncated,
        last_values=normal(WORLDS),
    )
