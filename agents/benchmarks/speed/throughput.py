"""How fast does the whole loop of acting and learning go, beside stable-baselines3 with the same transformer?

Both live in the same worlds, use the same PPO settings and one thread, and take turns, so
that a busy machine is busy for both. Sentences of a household repeat and begin alike, and
our agent computes what is equal once: how much of the ratio that is shows in the ratio
without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

import torch

from agents.benchmarks.reference.exactness import STEPS, drift
from agents.benchmarks.reference.our_agent import SETTINGS, AgentSetting, OurAgent
from agents.benchmarks.reference.plain_agent import RepeatingPolicy
from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.benchmarks.report.timing import medians
from agents.benchmarks.speed.loop_speed import loop_speeds, sb3_agent_in
from agents.config.learning import LearningConfig
from agents.rollout import Rollout

RATIO = 2.0
DRIFT = 1e-5


def measure(rounds: int = 5, worlds: int = LearningConfig().n_envs) -> list[Figure]:
    """Time both in every setting, and check that the fast computation finds the plain one's weights."""
    with _one_thread():
        figures = [Figure("matrix product", _gigaflops(), "GFLOP/s", source="1024 × 1024, float32, one thread")]
        for setting in SETTINGS:
            figures += _compare(setting, rounds, worlds)
        figures += loop_speeds(rounds, worlds)
        apart = drift(worlds)
    source = "largest difference of a weight from the plain computation with torch.optim.Adam"
    name = f"difference after {STEPS} gradient steps"
    return [*figures, at_most(name, apart, "", DRIFT, source)]


def _compare(setting: AgentSetting, rounds: int, worlds: int) -> list[Figure]:
    ours = OurAgent(setting, worlds)
    contenders: dict[str, Callable[[], object]] = {
        "ours": ours.collect_and_learn,
        "alone": OurAgent(setting, worlds, RepeatingPolicy).collect_and_learn,
        "rival": sb3_agent_in(setting, worlds),
    }
    decisions = worlds * LearningConfig().n_steps
    rates = {name: decisions / seconds for name, seconds in medians(contenders, rounds).items()}
    return _figures(setting.name, rates, ours.collect())


def _figures(name: str, rates: dict[str, float], sample: Rollout) -> list[Figure]:
    read = sample.observations
    tokens = read.prompts.lengths[read.rows].float().mean().item()
    distinct = f"{len(read.prompts)} distinct sentences in {len(read)}"
    told = "our agent to stable-baselines3"
    ratio, alone = rates["ours"] / rates["rival"], rates["alone"] / rates["rival"]
    return [
        Figure(f"{name}: length of a sentence", tokens, "tokens", source=distinct),
        Figure(f"{name}: our agent", rates["ours"], "steps/s", source="PPO, household, medians, one thread"),
        Figure(f"{name}: our agent, nothing shared", rates["alone"], "steps/s", source="each sentence computed anew"),
        Figure(f"{name}: stable-baselines3", rates["rival"], "steps/s", source="same transformer, DummyVecEnv"),
        at_least(f"{name}: ratio", ratio, "×", RATIO, told).beside(alone, "nothing shared"),
        Figure(f"{name}: ratio, nothing shared", alone, "×", source="the same without computing equals once"),
    ]


def _gigaflops(size: int = 1024, repeats: int = 6) -> float:
    left, right = torch.ones(size, size), torch.ones(size, size)
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        torch.mm(left, right)
        seconds.append(perf_counter() - start)
    return float(2 * size**3 / min(seconds) / 1e9)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
