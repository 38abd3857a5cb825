"""How soon is CartPole-v1 solved by our algorithms with plain networks, and by stable-baselines3's at the same budget?

All learners are evaluated alike: the same 20 greedy episodes every 2,500 steps. DQN reaches 500 and then drops again,
so both the best and the last evaluation are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from time import perf_counter

import torch

from agents.benchmarks.reference.bench_extra import needs_sb3
from agents.benchmarks.reference.cartpole_evaluation import CartPoleScore
from agents.benchmarks.reference.cartpole_ours import DQN, PPO, REINFORCE, train
from agents.benchmarks.report.chart import Points, curve_chart
from agents.benchmarks.report.figure import Figure, at_least
from agents.benchmarks.report.progress import print_progress
from agents.benchmarks.report.result import Findings

FEW_EPISODES = 600
FIRST_SEED = 100
"""Seed of the first run; the settings were chosen with smaller seeds."""
Train = Callable[[int, int], Iterable[CartPoleScore]]
"""From a budget of steps and a seed to the evaluations of a learner."""
Scores = list[CartPoleScore]


@dataclass(frozen=True, slots=True)
class CartPoleTrial:
    """An algorithm of ours, its goal, and the algorithm of stable-baselines3 beside it."""

    train: Train
    steps: int
    goal: float
    baseline: str
    episodes: int | None = None
    """Budget of episodes, where the goal has one."""


TRIALS: Mapping[str, CartPoleTrial] = {
    "PPO": CartPoleTrial(partial(train, PPO), 60_000, 500, "PPO"),
    "REINFORCE": CartPoleTrial(partial(train, REINFORCE), 60_000, 475, "A2C", FEW_EPISODES),
    "DQN": CartPoleTrial(partial(train, DQN), 50_000, 475, "DQN"),
}


def measure(seeds: int = 3, only: str = "", steps: int = 0) -> Findings:
    """Train every algorithm and its baseline with each seed; return the best and the last evaluation of each.

    `only` names one of PPO, REINFORCE and DQN; `steps` is a smaller budget, to test that it works.
    """
    if only and only not in TRIALS:
        raise ValueError(f"only knows {', '.join(TRIALS)}, got {only!r}")
    torch.set_num_threads(1)  # small networks are slower on two threads
    with needs_sb3():
        from agents.benchmarks.reference.cartpole_sb3 import train_sb3
    figures, charts = [], []
    for name, trial in TRIALS.items():
        if only not in ("", name):
            continue
        baseline = f"stable-baselines3's {trial.baseline}"
        curves: dict[str, list[Points]] = {name: [], baseline: []}
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            ours = _timed(f"{name}, seed {seed}", partial(scores_within_budget, trial, steps or trial.steps, seed))
            theirs = _timed(baseline, partial(train_sb3, trial.baseline, ours[-1].steps, seed))
            figures += compare(name, trial, seed, ours, theirs)
            for learner, scores in ((name, ours), (baseline, theirs)):
                curves[learner].append([(score.steps, score.value) for score in scores])
        charts.append(curve_chart(f"Learning CartPole-v1: {name}", "steps", "return", curves, controls=(baseline,)))
    return Findings(tuple(figures), tuple(charts))


def scores_within_budget(trial: CartPoleTrial, steps: int, seed: int) -> Scores:
    """Return the evaluations within the budget of steps and episodes. Raises ValueError if there is none."""
    scores: Iterable[CartPoleScore] = trial.train(steps, seed)
    if trial.episodes is not None:
        limit = trial.episodes
        scores = takewhile(lambda score: score.episodes <= limit, scores)
    found = list(scores)
    if not found:
        raise ValueError(f"{steps} steps end before the first evaluation; allow at least 2,500")
    return found


def compare(name: str, trial: CartPoleTrial, seed: int, ours: Scores, theirs: Scores) -> list[Figure]:
    """Return the best and the last mean return of our algorithm with one seed, and of stable-baselines3's.

    `ours` and `theirs` are the scores in order of training steps, at least one each. Our best has the trial's goal.
    """
    best, baseline_best = (max(score.value for score in scores) for scores in (ours, theirs))
    first = next((score for score in ours if score.value >= trial.goal), None)
    reached = "never" if first is None else f"first after {first.steps:,} steps and {first.episodes:,} episodes"
    budget = f"within {trial.steps:,} steps" if trial.episodes is None else f"within {trial.episodes} episodes"
    title, baseline = f"{name}, seed {seed}", f"stable-baselines3's {trial.baseline}"
    source = f"{baseline} at the same {ours[-1].steps:,} steps"
    claim = at_least(f"{title}: best", best, "return", trial.goal, f"{budget}; {reached}")
    return [
        claim.beside(baseline_best, baseline),
        Figure(f"{title}: last", ours[-1].value, "return", source=f"after {ours[-1].steps:,} steps"),
        Figure(f"{title}: {baseline}, best", baseline_best, "return", source=source),
        Figure(f"{title}: {baseline}, last", theirs[-1].value, "return", source=source),
    ]


def _timed(name: str, work: Callable[[], Scores]) -> Scores:
    """Call `work`; print its scores and the time it took."""
    started = perf_counter()
    scores = work()
    values = " ".join(f"{score.value:.0f}" for score in scores)
    print_progress(f"{name}: {values} ({perf_counter() - started:.0f} s)")
    return scores
