"""How fast is the whole loop of acting and learning, compared with stable-baselines3 with the same transformer?

Both use the same worlds, PPO settings and one thread, and run in alternation, so that load on the machine affects both
alike. Sentences of a household repeat and share their beginnings, and our agent computes equal parts once; the ratio
without this sharing is reported, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from agents.benchmarks.reference.exactness import STEPS, weight_difference
from agents.benchmarks.reference.our_agent import SETTINGS, AgentSetting, create_agent
from agents.benchmarks.reference.plain_agent import RepeatingPolicy
from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.benchmarks.report.timing import medians, seconds_of
from agents.benchmarks.speed.loop_speed import loop_speeds, sb3_agent_in
from agents.config.learning import LearningConfig
from agents.rollout import Rollout

RATIO = 2.0
TOLERANCE = 1e-5


def measure(rounds: int = 5, worlds: int = LearningConfig().n_envs) -> list[Figure]:
    """Time both in every setting, and check that the optimised computation gives the weights of the plain one."""
    with _one_thread():
        figures = [Figure("matrix product", _gigaflops(), "GFLOP/s", source="1024 × 1024, float32, one thread")]
        for setting in SETTINGS:
            figures += _compare(setting, rounds, worlds)
        figures += loop_speeds(rounds, worlds)
        difference = weight_difference(worlds)
    source = "largest difference of a weight from the plain computation with torch.optim.Adam"
    name = f"difference after {STEPS} gradient steps"
    return [*figures, at_most(name, difference, "", TOLERANCE, source)]


def _compare(setting: AgentSetting, rounds: int, worlds: int) -> list[Figure]:
    ours = create_agent(setting, worlds)
    contenders: dict[str, Callable[[], object]] = {
        "ours": ours.collect_and_learn,
        "unshared": create_agent(setting, worlds, RepeatingPolicy).collect_and_learn,
        "baseline": sb3_agent_in(setting, worlds),
    }
    decisions = worlds * LearningConfig().n_steps
    rates = {name: decisions / seconds for name, seconds in medians(contenders, rounds).items()}
    return _figures(setting.name, rates, ours.collect())


def _figures(name: str, rates: dict[str, float], sample: Rollout) -> list[Figure]:
    observations = sample.observations
    tokens = observations.prompts.lengths[observations.rows].float().mean().item()
    distinct = f"{len(observations.prompts)} distinct sentences in {len(observations)}"
    ratio, unshared = rates["ours"] / rates["baseline"], rates["unshared"] / rates["baseline"]
    return [
        Figure(f"{name}: length of a sentence", tokens, "tokens", source=distinct),
        Figure(f"{name}: our agent", rates["ours"], "steps/s", source="PPO, household, medians, one thread"),
        Figure(f"{name}: our agent, nothing shared", rates["unshared"], "steps/s", source="every sentence is computed"),
        Figure(f"{name}: stable-baselines3", rates["baseline"], "steps/s", source="same transformer, DummyVecEnv"),
        at_least(f"{name}: ratio", ratio, "×", RATIO, "our agent to stable-baselines3").beside(
            unshared, "nothing shared"
        ),
        Figure(f"{name}: ratio, nothing shared", unshared, "×", source="the same without computing equals once"),
    ]


def _gigaflops(size: int = 1024, repeats: int = 6) -> float:
    left, right = torch.ones(size, size), torch.ones(size, size)
    return 2 * size**3 / min(seconds_of(lambda: torch.mm(left, right)) for _ in range(repeats)) / 1e9


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
