"""Compare the speed of each algorithm's training loop with stable-baselines3's, with the same network and settings.

In a household with 24 tokens a sentence; DQN on CartPole, with the plain networks of `bench cartpole`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agents.benchmarks.reference.bench_extra import needs_sb3
from agents.benchmarks.reference.cartpole_ours import DQN, train
from agents.benchmarks.reference.our_agent import SETTINGS, STANDARD, AgentSetting, create_agent
from agents.benchmarks.report.figure import Figure, at_least
from agents.benchmarks.report.timing import medians
from agents.config.algorithms import A2CConfig, AlgorithmConfig, GRPOConfig, PPOConfig, ReinforceConfig
from agents.config.learning import LearningConfig

NOT_SLOWER = 1.0
DQN_STEPS = 2_304
"""Steps of DQN per round; fewer than until the first evaluation."""


@dataclass(frozen=True, slots=True)
class LoopSpeed:
    """An algorithm of ours and its baseline in stable-baselines3."""

    ours: AlgorithmConfig
    baseline: PPOConfig | A2CConfig
    learning: LearningConfig = STANDARD
    is_same: bool = True
    """Whether both are the same algorithm; otherwise the baseline is the most similar one, and there is no goal."""


COMPARISONS = (
    LoopSpeed(A2CConfig(), A2CConfig(), LearningConfig(n_steps=5)),
    LoopSpeed(ReinforceConfig(), A2CConfig(), is_same=False),
    LoopSpeed(GRPOConfig(), PPOConfig(), is_same=False),
)


def loop_speeds(rounds: int, worlds: int) -> list[Figure]:
    """Time every algorithm except PPO, which `throughput` measures in more detail."""
    figures = [figure for comparison in COMPARISONS for figure in _compare(comparison, rounds, worlds)]
    rates = {name: DQN_STEPS / seconds for name, seconds in medians(_dqn_contenders(), rounds).items()}
    return [*figures, *_figures("dqn", rates, "DQN, CartPole, two layers of 256", is_same=True)]


def sb3_agent_in(
    setting: AgentSetting,
    worlds: int,
    algorithm: PPOConfig | A2CConfig | None = None,
    learning: LearningConfig = STANDARD,
) -> Callable[[], object]:
    """Return a function that collects a rollout in `worlds` environments of `setting` and learns from it.

    The agent is stable-baselines3's. Raises ModuleNotFoundError if that is not installed.
    """
    with needs_sb3():
        from agents.benchmarks.speed.sb3_agent import create_sb3_agent
    homes = [setting.make() for _ in range(worlds)]
    agent = create_sb3_agent(homes, setting.longest, seed=0, algorithm=algorithm, learning=learning)
    decisions = worlds * learning.n_steps
    return lambda: agent.learn(decisions, reset_num_timesteps=False)


def _compare(comparison: LoopSpeed, rounds: int, worlds: int) -> list[Figure]:
    setting, learning = SETTINGS[0], comparison.learning
    ours = create_agent(setting, worlds, algorithm=comparison.ours, learning=learning)
    contenders = {
        "ours": ours.collect_and_learn,
        "baseline": sb3_agent_in(setting, worlds, comparison.baseline, learning),
    }
    decisions = worlds * learning.n_steps
    rates = {name: decisions / seconds for name, seconds in medians(contenders, rounds).items()}
    name = comparison.baseline.name.upper()
    baseline = f"{name}, same transformer, {learning.n_steps} steps in {worlds} worlds"
    return _figures(comparison.ours.name, rates, baseline, is_same=comparison.is_same)


def _dqn_contenders() -> dict[str, Callable[[], object]]:
    with needs_sb3():
        from agents.benchmarks.reference.cartpole_sb3 import SB3_AGENTS
    return {
        "ours": lambda: list(train(DQN, DQN_STEPS, seed=0)),
        "baseline": lambda: SB3_AGENTS["DQN"](0).learn(DQN_STEPS),
    }


def _figures(name: str, rates: dict[str, float], baseline: str, *, is_same: bool) -> list[Figure]:
    relation = "the same" if is_same else "the nearest that there is"
    ratio, bound = rates["ours"] / rates["baseline"], NOT_SLOWER if is_same else None
    return [
        Figure(f"{name}: ours", rates["ours"], "steps/s", source="the whole loop, medians, one thread"),
        Figure(f"{name}: stable-baselines3", rates["baseline"], "steps/s", source=baseline),
        at_least(f"{name}: ratio", ratio, "×", bound, f"against {relation}: {baseline}"),
    ]
