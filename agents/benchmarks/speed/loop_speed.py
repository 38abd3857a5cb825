"""How fast is the loop of each algorithm beside stable-baselines3's, with the same network and settings?

In a household with 24 tokens a sentence; DQN on CartPole, with the plain networks of `bench cartpole`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agents.benchmarks.reference.cartpole_ours import DQN, learning
from agents.benchmarks.reference.our_agent import SETTINGS, STANDARD, AgentSetting, OurAgent
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.timing import medians
from agents.config.algorithms import A2CConfig, AlgorithmConfig, GRPOConfig, PPOConfig, ReinforceConfig
from agents.config.learning import LearningConfig

NOT_SLOWER = 1.0
BALANCED = 2_304
"""Steps of DQN a round, all of them before the first look."""


@dataclass(frozen=True, slots=True)
class LoopSpeed:
    """An algorithm of ours and what stands beside it in stable-baselines3."""

    ours: AlgorithmConfig
    rival: PPOConfig | A2CConfig
    learning: LearningConfig = STANDARD
    is_same: bool = True
    """Whether both compute the same; otherwise the rival is only the nearest there is, and nothing is promised."""


PACES = (
    LoopSpeed(A2CConfig(), A2CConfig(), LearningConfig(n_steps=5)),
    LoopSpeed(ReinforceConfig(), A2CConfig(), is_same=False),
    LoopSpeed(GRPOConfig(), PPOConfig(), is_same=False),
)


def loop_speeds(rounds: int, worlds: int) -> list[Figure]:
    """Time every algorithm but PPO, which `throughput` looks at more closely."""
    figures = [figure for pace in PACES for figure in _paced(pace, rounds, worlds)]
    rates = {name: BALANCED / seconds for name, seconds in medians(_balancers(), rounds).items()}
    return [*figures, *_figures("dqn", rates, "DQN, CartPole, two layers of 256", is_same=True)]


def sb3_agent_in(
    setting: AgentSetting,
    worlds: int,
    settings: PPOConfig | A2CConfig | None = None,
    learning: LearningConfig = STANDARD,
) -> Callable[[], object]:
    """Return what lets stable-baselines3 gather a rollout and learn from it."""
    try:
        # nothing else needs stable-baselines3, and the lab is installed without it
        from agents.benchmarks.speed.sb3_agent import rival
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("stable-baselines3 is missing; pip install 'palimpsest[bench]'") from error
    homes = [setting.make() for _ in range(worlds)]
    player = rival(homes, setting.longest, seed=0, settings=settings, learning=learning)
    decisions = worlds * learning.n_steps
    return lambda: player.learn(decisions, reset_num_timesteps=False)


def _paced(pace: LoopSpeed, rounds: int, worlds: int) -> list[Figure]:
    setting, learning = SETTINGS[0], pace.learning
    ours = OurAgent(setting, worlds, algorithm=pace.ours, learning=learning)
    contenders = {"ours": ours.collect_and_learn, "rival": sb3_agent_in(setting, worlds, pace.rival, learning)}
    decisions = worlds * learning.n_steps
    rates = {name: decisions / seconds for name, seconds in medians(contenders, rounds).items()}
    rival = f"{pace.rival.name.upper()}, same transformer, {learning.n_steps} steps in {worlds} worlds"
    return _figures(pace.ours.name, rates, rival, is_same=pace.is_same)


def _balancers() -> dict[str, Callable[[], object]]:
    from agents.benchmarks.reference.cartpole_sb3 import RIVALS  # imports stable-baselines3, as above

    return {
        "ours": lambda: list(learning(DQN, BALANCED, seed=0)),
        "rival": lambda: RIVALS["DQN"](0).learn(BALANCED),
    }


def _figures(name: str, rates: dict[str, float], rival: str, *, is_same: bool) -> list[Figure]:
    ratio = rates["ours"] / rates["rival"]
    goal = f"≥ {NOT_SLOWER:g}" if is_same else ""
    beside = "the same" if is_same else "the nearest that there is"
    return [
        Figure(f"{name}: ours", rates["ours"], "steps/s", source="the whole loop, medians, one thread"),
        Figure(f"{name}: stable-baselines3", rates["rival"], "steps/s", source=rival),
        Figure(f"{name}: ratio", ratio, "×", goal, not goal or ratio >= NOT_SLOWER, f"against {beside}: {rival}"),
    ]
