"""Do tabular Q-learning and SARSA reach the published returns, and do they differ on the cliff as Sutton and Barto say?

FrozenLake without slip, Taxi and CliffWalking, each with random play in the same episodes as control. On the cliff both
explore with a constant epsilon of 0.1 (Sutton & Barto, 2018, example 6.6): Q-learning learns the shortest path along
the edge and falls off now and then; SARSA, which accounts for exploration, learns a path farther from the edge and
earns more while learning.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from agents.algorithms.q_learning import QLearning
from agents.algorithms.sarsa import Sarsa
from agents.algorithms.tabular import TabularLearner, TabularStep
from agents.benchmarks.report.chart import Chart, curve_chart
from agents.benchmarks.report.figure import Figure, at_least
from agents.benchmarks.report.progress import print_progress
from agents.benchmarks.report.result import Findings
from agents.config.algorithms import TabularConfig

CountedWorld = gym.Env[Any, Any]
"""A Gymnasium environment with `Discrete` states and actions, counted from 0."""
LEARNERS: Mapping[str, type[TabularLearner]] = {"Q-learning": QLearning, "SARSA": Sarsa}
RECENT = 100
"""Last training episodes, over which the online return is averaged."""
CLIFF_WIDTH, CLIFF_ROWS = 12, 4
ONLINE_GAIN = 10.0
"""Minimum lead of SARSA's online return; in figure 6.4 of the book it is about 25."""


@dataclass(frozen=True, slots=True)
class TabularSetting:
    """An environment, the training on it, and the return to be reached."""

    title: str
    make: Callable[[], CountedWorld]
    steps: int
    config: TabularConfig
    goal: float
    episodes: int
    """Greedy episodes of the evaluation; one is enough where nothing is random."""


def _lake() -> CountedWorld:
    return gym.make("FrozenLake-v1", is_slippery=False, disable_env_checker=True)


def _taxi() -> CountedWorld:
    return gym.make("Taxi-v4", disable_env_checker=True)


def _cliff() -> CountedWorld:
    return gym.make("CliffWalking-v1", max_episode_steps=500, disable_env_checker=True)


LAKE = TabularSetting("FrozenLake-v1 without slip", _lake, 20_000, TabularConfig(), 1.0, 10)
TAXI = TabularSetting(
    "Taxi-v4", _taxi, 400_000, TabularConfig(final_alpha=0.1, exploration_final_eps=0.01, decay_fraction=0.8), 7.0, 500
)
CLIFF = TabularSetting(
    "CliffWalking-v1",
    _cliff,
    200_000,
    TabularConfig(gamma=1.0, alpha=0.5, final_alpha=0.02, exploration_initial_eps=0.1, exploration_final_eps=0.1),
    -13.0,
    1,
)


@dataclass(frozen=True, slots=True)
class Path:
    """A finished episode."""

    states: tuple[int, ...]
    """All states in order, including the last."""
    reward: float
    """Undiscounted return."""


@dataclass(frozen=True, slots=True)
class TabularOutcome:
    """The returns of one learner with one seed."""

    online: float
    """Mean return of the last `RECENT` training episodes, exploration included."""
    paths: tuple[Path, ...]
    """The greedy episodes after training."""
    returns: tuple[float, ...] = ()
    """Return of every training episode."""

    @property
    def greedy(self) -> float:
        """Mean return of the greedy episodes."""
        return fmean(path.reward for path in self.paths)


def measure(seeds: int = 3) -> Findings:
    """Train both learners in each environment with each seed; return their returns, with random play as control."""
    figures = []
    for setting in (LAKE, TAXI):
        control = _random_play(setting)
        for name, kind in LEARNERS.items():
            outcomes = [train(setting, kind, seed) for seed in range(seeds)]
            claims = [_greedy_return(setting, name, seed, outcome) for seed, outcome in enumerate(outcomes)]
            figures += [claim.beside(control.value, "random play") for claim in claims]
        figures.append(control)
    cliff = {name: [train(CLIFF, kind, seed) for seed in range(seeds)] for name, kind in LEARNERS.items()}
    return Findings((*figures, *_cliff_figures(cliff), _random_play(CLIFF)), (_online_chart(cliff),))


def train(setting: TabularSetting, kind: type[TabularLearner], seed: int) -> TabularOutcome:
    """Train from an empty table, then play greedily."""
    world = setting.make()
    learner = kind(shape(world), setting.config, np.random.default_rng(seed))
    returns = [path.reward for path in learn(world, learner, setting.steps, seed)]
    outcome = TabularOutcome(
        fmean(returns[-RECENT:]), tuple(play(world, learner.greedy, setting.episodes, seed=10_000)), tuple(returns)
    )
    print_progress(f"{setting.title}, {kind.__name__}, seed {seed}: {outcome.greedy:.2f}")
    return outcome


def shape(world: CountedWorld) -> tuple[int, int]:
    """Return the numbers of states and actions. Raises ValueError if a space is not `Discrete`."""
    states, actions = world.observation_space, world.action_space
    if not (isinstance(states, spaces.Discrete) and isinstance(actions, spaces.Discrete)):
        raise ValueError(f"a table needs Discrete states and actions, got {states} and {actions}; use a policy network")
    return int(states.n), int(actions.n)


def learn(world: CountedWorld, learner: TabularLearner, steps: int, seed: int) -> Generator[Path]:
    """Train for `steps` steps from a world reset with `seed`; yield each episode as it ends."""
    done = 0
    state = int(world.reset(seed=seed)[0])
    while done < steps:
        states, total, is_over = [state], 0.0, False
        action = learner.act(state)
        while not is_over and done < steps:
            observation, reward, terminated, truncated, _ = world.step(action)
            done += 1
            learner.progress = done / steps
            # SARSA's target needs the next action, so it is chosen before the update
            next_action = learner.act(int(observation))
            learner.learn(TabularStep(state, action, float(reward), int(observation), next_action, terminated))
            state, action, is_over = int(observation), next_action, terminated or truncated
            states.append(state)
            total += float(reward)
        if is_over:
            yield Path(tuple(states), total)
            state = int(world.reset()[0])


def play(world: CountedWorld, decide: Callable[[int], int], episodes: int, seed: int) -> list[Path]:
    """Play `episodes` episodes with the policy `decide`; the same seed gives the same episodes."""
    paths = []
    for number in range(episodes):
        state, is_over, total = int(world.reset(seed=seed + number)[0]), False, 0.0
        states = [state]
        while not is_over:
            observation, reward, terminated, truncated, _ = world.step(decide(state))
            state, is_over, total = int(observation), terminated or truncated, total + float(reward)
            states.append(state)
        paths.append(Path(tuple(states), total))
    return paths


def _greedy_return(setting: TabularSetting, name: str, seed: int, outcome: TabularOutcome) -> Figure:
    source = (
        f"greedy, mean of {setting.episodes} episodes after {setting.steps:,} steps; {outcome.online:.2f} on the way"
    )
    return at_least(f"{setting.title}: {name}, seed {seed}", outcome.greedy, "return", setting.goal, source)


def _random_play(setting: TabularSetting) -> Figure:
    world = setting.make()
    rng = np.random.default_rng(0)
    actions = shape(world)[1]
    paths = play(world, lambda _: int(rng.integers(actions)), max(setting.episodes, RECENT), seed=10_000)
    return Figure(f"{setting.title}: random play", fmean(path.reward for path in paths), "return", source="the control")


def _online_chart(cliff: Mapping[str, list[TabularOutcome]]) -> Chart:
    """Plot the online returns as in the book's figure 6.4, each point a mean over `RECENT` episodes."""
    curves = {
        name: [
            [
                (end, fmean(outcome.returns[end - RECENT : end]))
                for end in range(RECENT, len(outcome.returns) + 1, RECENT)
            ]
            for outcome in outcomes
        ]
        for name, outcomes in cliff.items()
    }
    return curve_chart("Learning to walk along the cliff", "episodes", "return on the way", curves)


def _cliff_figures(cliff: Mapping[str, list[TabularOutcome]]) -> list[Figure]:
    figures = []
    for seed, (q_learning, sarsa) in enumerate(zip(*cliff.values(), strict=True)):
        gain = sarsa.online - q_learning.online
        source = f"greedy after {CLIFF.steps:,} steps with epsilon 0.1; {{}} rows above the cliff".format
        online = f"mean of the last {RECENT} episodes of learning, trials included"
        title = f"{CLIFF.title}: {{}}, seed {seed}".format
        is_optimal, gap = q_learning.greedy == CLIFF.goal, _gap(q_learning)
        figures += [
            Figure(title("Q-learning"), q_learning.greedy, "return", "= -13", is_optimal, source(gap)),
            Figure(title("SARSA"), sarsa.greedy, "return", "≤ -15", _is_safe(sarsa), source(_gap(sarsa))),
            Figure(title("Q-learning on the way"), q_learning.online, "return", source=online),
            Figure(title("SARSA on the way"), sarsa.online, "return", source=online),
            at_least(title("SARSA's gain on the way"), gain, "return", ONLINE_GAIN, online),
        ]
    return figures


def _is_safe(outcome: TabularOutcome) -> bool:
    """Whether the greedy path is a detour that stays off the edge and reaches the goal."""
    return outcome.greedy <= -15 and _gap(outcome) >= 2 and outcome.paths[0].states[-1] == CLIFF_WIDTH * CLIFF_ROWS - 1


def _gap(outcome: TabularOutcome) -> int:
    """Return the minimum number of rows between the path and the cliff; 0 if the path never got there."""
    cells = [divmod(state, CLIFF_WIDTH) for state in outcome.paths[0].states]
    return min((CLIFF_ROWS - 1 - row for row, column in cells if 2 <= column <= CLIFF_WIDTH - 3), default=0)
