"""How soon is CartPole-v1 solved by our learners with plain networks, and by stable-baselines3's at the same budget?

Everybody is looked at the same way: 20 episodes without trials every 2,500 steps, always the
same ones. DQN reaches 500 and falls again, so its best and its last look are both told.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from time import perf_counter

import torch

from agents.benchmarks.reference.cartpole_evaluation import CartPoleScore
from agents.benchmarks.reference.cartpole_ours import DQN, PPO, REINFORCE, learning
from agents.benchmarks.report.chart import Chart, curve
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Findings

FEW_EPISODES = 600
FIRST_SEED = 100
"""The settings were chosen with seeds from 0 on, so those are spent."""
Life = Callable[[int, int], Iterable[CartPoleScore]]
"""From a budget of steps and a seed to each look."""


@dataclass(frozen=True, slots=True)
class CartPoleTrial:
    """A learner, what it has to reach, and who does the same in stable-baselines3."""

    life: Life
    steps: int
    goal: float
    rival: str
    episodes: int | None = None
    """How many episodes it may live, if that is what is counted."""


TRIALS: Mapping[str, CartPoleTrial] = {
    "PPO": CartPoleTrial(partial(learning, PPO), 60_000, 500, "PPO"),
    "REINFORCE": CartPoleTrial(partial(learning, REINFORCE), 60_000, 475, "A2C", FEW_EPISODES),
    "DQN": CartPoleTrial(partial(learning, DQN), 50_000, 475, "DQN"),
}


def measure(seeds: int = 3, only: str = "", steps: int = 0) -> Findings:
    """Let every learner and its rival learn with each seed; return the best and the last look of each.

    `only` names one of PPO, REINFORCE and DQN; `steps` is a smaller budget, to see that it works.
    """
    if only and only not in TRIALS:
        raise ValueError(f"only knows {', '.join(TRIALS)}, got {only!r}")
    torch.set_num_threads(1)  # small networks are slower on two threads
    rival = _rival()
    figures, charts = [], []
    for name, trial in TRIALS.items():
        pairs = []
        for seed in range(FIRST_SEED, FIRST_SEED + (seeds if only in ("", name) else 0)):
            ours = _told(f"{name}, seed {seed}", lambda: lived(trial, steps or trial.steps, seed))  # noqa: B023
            budget = ours[-1].steps
            theirs = _told(f"stable-baselines3's {trial.rival}", lambda: rival(trial.rival, budget, seed))  # noqa: B023
            figures += compared(name, trial, seed, (ours, theirs))
            pairs.append((ours, theirs))
        if pairs:
            charts.append(_chart(name, trial, pairs))
    return Findings(tuple(figures), tuple(charts))


def lived(trial: CartPoleTrial, steps: int, seed: int) -> list[CartPoleScore]:
    """Return every look at our learner within its budget of steps and episodes. Raises ValueError if there is none."""
    looks: Iterable[CartPoleScore] = trial.life(steps, seed)
    if trial.episodes is not None:
        most = trial.episodes
        looks = takewhile(lambda look: look.episodes <= most, looks)
    found = list(looks)
    if not found:
        raise ValueError(f"{steps} steps end before the first look; allow at least 2,500")
    return found


def compared(
    name: str, trial: CartPoleTrial, seed: int, looks: tuple[list[CartPoleScore], list[CartPoleScore]]
) -> list[Figure]:
    """Return the figures of one learner with one seed, and those of its rival."""
    ours, theirs = looks
    best = max(look.value for look in ours)
    first = next((look for look in ours if look.value >= trial.goal), None)
    reached = "never" if first is None else f"first after {first.steps:,} steps and {first.episodes:,} episodes"
    budget = f"within {trial.steps:,} steps" if trial.episodes is None else f"within {trial.episodes} episodes"
    title = f"{name}, seed {seed}"
    rival = f"stable-baselines3's {trial.rival}"
    theirs_best = max(look.value for look in theirs)
    same = f"{rival} at the same {ours[-1].steps:,} steps"
    claim = Figure(f"{title}: best", best, "return", f"≥ {trial.goal:g}", best >= trial.goal, f"{budget}; {reached}")
    return [
        claim.beside(theirs_best, rival),
        Figure(f"{title}: last", ours[-1].value, "return", source=f"after {ours[-1].steps:,} steps"),
        Figure(f"{title}: {rival}, best", theirs_best, "return", source=same),
        Figure(f"{title}: {rival}, last", theirs[-1].value, "return", source=same),
    ]


def _chart(name: str, trial: CartPoleTrial, pairs: list[tuple[list[CartPoleScore], list[CartPoleScore]]]) -> Chart:
    """Every look of both with every seed."""
    names = (name, f"stable-baselines3's {trial.rival}")
    series = [
        curve(who, [[(look.steps, look.value) for look in seed] for seed in seeds], is_control=who != name)
        for who, seeds in zip(names, zip(*pairs, strict=True), strict=True)
    ]
    return Chart(f"Learning CartPole-v1: {name}", "steps", "return", tuple(series))


def _told(who: str, work: Callable[[], list[CartPoleScore]]) -> list[CartPoleScore]:
    started = perf_counter()
    looks = work()
    curve = " ".join(f"{look.value:.0f}" for look in looks)
    print(f"{who}: {curve} ({perf_counter() - started:.0f} s)", file=sys.stderr, flush=True)
    return looks


def _rival() -> Callable[[str, int, int], list[CartPoleScore]]:
    try:
        # nothing else needs stable-baselines3, and the lab is installed without it
        from agents.benchmarks.reference.cartpole_sb3 import sb3_agent
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("stable-baselines3 is missing; pip install 'palimpsest[bench]'") from error
    return sb3_agent
