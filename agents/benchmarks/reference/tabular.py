"""Do Q-learning and SARSA with a table reach the published returns, and do they differ on the cliff as Sutton says?

FrozenLake without slip, Taxi and CliffWalking, each beside a player who acts at random in the
same episodes. On the cliff both explore as much to the end (epsilon 0.1, Sutton & Barto 2018,
example 6.6): Q-learning learns the shortest way along the edge and falls off now and then;
SARSA, which knows that it slips, learns a way farther from it and earns more while learning.
"""

from __future__ import annotations

import sys
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
from agents.benchmarks.report.chart import Chart, curve
from agents.benchmarks.report.figure import Figure, at_least
from agents.benchmarks.report.result import Findings
from agents.config.algorithms import TabularConfig

CountedWorld = gym.Env[Any, Any]
"""A Gymnasium environment whose states and actions are numbered from 0."""
LEARNERS: Mapping[str, type[TabularLearner]] = {"Q-learning": QLearning, "SARSA": Sarsa}
RECENT = 100
"""Episodes at the end of learning over which the return on the way is averaged."""
CLIFF_WIDTH, CLIFF_ROWS = 12, 4
ONLINE_GAIN = 10.0
"""How much more SARSA earns on the way, at least; in the book's figure 6.4 it is about 25."""


@dataclass(frozen=True, slots=True)
class TabularSetting:
    """A world, how it is learned, and the return that is to be reached."""

    title: str
    make: Callable[[], CountedWorld]
    steps: int
    config: TabularConfig
    goal: float
    episodes: int
    """Greedy episodes that are played in the end; one is enough where nothing is left to chance."""


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
    """An episode that ended."""

    states: tuple[int, ...]
    """Every state in order, the last one included."""
    reward: float
    """What it paid in all, undiscounted."""


@dataclass(frozen=True, slots=True)
class TabularOutcome:
    """What one learner came to with one seed."""

    online: float
    """Mean return of its last episodes of learning, trials included."""
    paths: tuple[Path, ...]
    """What it does when it tries nothing any more."""
    way: tuple[float, ...] = ()
    """Return of every episode of learning."""

    @property
    def greedy(self) -> float:
        """Mean return without trials."""
        return fmean(path.reward for path in self.paths)


def measure(seeds: int = 3) -> Findings:
    """Learn each world with both learners and each seed; return what they earn, beside random play."""
    figures = []
    for lesson in (LAKE, TAXI):
        control = _at_random(lesson)
        for name, kind in LEARNERS.items():
            outcomes = [taught(lesson, kind, seed) for seed in range(seeds)]
            reached = [_reached(lesson, name, seed, outcome) for seed, outcome in enumerate(outcomes)]
            figures += [one.beside(control.value, "random play") for one in reached]
        figures.append(control)
    cliff = {name: [taught(CLIFF, kind, seed) for seed in range(seeds)] for name, kind in LEARNERS.items()}
    return Findings((*figures, *_on_the_cliff(cliff), _at_random(CLIFF)), (_on_the_way(cliff),))


def taught(lesson: TabularSetting, kind: type[TabularLearner], seed: int) -> TabularOutcome:
    """Learn `labels` from an empty table, then play greedily."""
    world = lesson.make()
    learner = kind(shape(world), lesson.config, np.random.default_rng(seed))
    lived = [path.reward for path in learn(world, learner, lesson.steps, seed)]
    played = play(world, learner.greedy, lesson.episodes, seed=10_000)
    said = f"{lesson.title}, {kind.__name__}, seed {seed}: {fmean(path.reward for path in played):.2f}"
    print(said, file=sys.stderr, flush=True)
    return TabularOutcome(fmean(lived[-RECENT:]), tuple(played), tuple(lived))


def shape(world: CountedWorld) -> tuple[int, int]:
    """Return how many states and actions `world` has. Raises ValueError if they can't be counted."""
    seen, acts = world.observation_space, world.action_space
    if not (isinstance(seen, spaces.Discrete) and isinstance(acts, spaces.Discrete)):
        raise ValueError(f"a table needs Discrete states and actions, got {seen} and {acts}; use a policy network")
    return int(seen.n), int(acts.n)


def learn(world: CountedWorld, learner: TabularLearner, steps: int, seed: int) -> Generator[Path]:
    """Live `steps` steps from a world reset with `seed`, learning from each; yield each episode that ends.

    Whoever iterates sets the pace; the learner is whole between two episodes.
    """
    done = 0
    state = int(world.reset(seed=seed)[0])
    while done < steps:
        states, paid, over = [state], 0.0, False
        action = learner.act(state)
        while not over and done < steps:
            seen, reward, terminated, truncated, _ = world.step(action)
            done += 1
            learner.progress = done / steps
            following = learner.act(int(seen))
            learner.learn(TabularStep(state, action, float(reward), int(seen), following, terminated))
            state, action, over = int(seen), following, terminated or truncated
            states.append(state)
            paid += float(reward)
        if over:
            yield Path(tuple(states), paid)
            state = int(world.reset()[0])


def play(world: CountedWorld, decide: Callable[[int], int], episodes: int, seed: int) -> list[Path]:
    """Play `episodes` episodes as `decide` says, learning nothing; the same seed brings the same episodes."""
    paths = []
    for number in range(episodes):
        state, over, paid = int(world.reset(seed=seed + number)[0]), False, 0.0
        states = [state]
        while not over:
            seen, reward, terminated, truncated, _ = world.step(decide(state))
            state, over, paid = int(seen), terminated or truncated, paid + float(reward)
            states.append(state)
        paths.append(Path(tuple(states), paid))
    return paths


def _reached(lesson: TabularSetting, name: str, seed: int, outcome: TabularOutcome) -> Figure:
    title = f"{lesson.title}: {name}, seed {seed}"
    how = f"greedy, mean of {lesson.episodes} episodes after {lesson.steps:,} steps; {outcome.online:.2f} on the way"
    return at_least(title, outcome.greedy, "return", lesson.goal, how)


def _at_random(lesson: TabularSetting) -> Figure:
    world = lesson.make()
    rng = np.random.default_rng(0)
    actions = shape(world)[1]
    paths = play(world, lambda _: int(rng.integers(actions)), max(lesson.episodes, RECENT), seed=10_000)
    return Figure(f"{lesson.title}: random play", fmean(path.reward for path in paths), "return", source="the control")


def _on_the_way(cliff: Mapping[str, list[TabularOutcome]]) -> Chart:
    """What both earn while they learn, as in the book's figure 6.4, a mean over so many episodes a point."""
    series = []
    for name, outcomes in cliff.items():
        seeds = [
            [(end, fmean(outcome.way[end - RECENT : end])) for end in range(RECENT, len(outcome.way) + 1, RECENT)]
            for outcome in outcomes
        ]
        series.append(curve(name, seeds))
    return Chart("Learning to walk along the cliff", "episodes", "return on the way", tuple(series))


def _on_the_cliff(cliff: Mapping[str, list[TabularOutcome]]) -> list[Figure]:
    figures = []
    for seed, (edge, safe) in enumerate(zip(*cliff.values(), strict=True)):
        gain = safe.online - edge.online
        way = f"greedy after {CLIFF.steps:,} steps with epsilon 0.1; {{}} rows above the cliff"
        last = f"mean of the last {RECENT} episodes of learning, trials included"
        title = f"{CLIFF.title}: {{}}, seed {seed}".format
        figures += [
            Figure(
                title("Q-learning"), edge.greedy, "return", "= -13", edge.greedy == CLIFF.goal, way.format(_gap(edge))
            ),
            Figure(title("SARSA"), safe.greedy, "return", "≤ -15", _is_safe(safe), way.format(_gap(safe))),
            Figure(title("Q-learning on the way"), edge.online, "return", source=last),
            Figure(title("SARSA on the way"), safe.online, "return", source=last),
            at_least(title("SARSA's gain on the way"), gain, "return", ONLINE_GAIN, last),
        ]
    return figures


def _is_safe(outcome: TabularOutcome) -> bool:
    """Whether the way reaches the goal, keeps a row more between itself and the cliff, and pays for that."""
    return outcome.greedy <= -15 and _gap(outcome) >= 2 and outcome.paths[0].states[-1] == CLIFF_WIDTH * CLIFF_ROWS - 1


def _gap(outcome: TabularOutcome) -> int:
    """Return how many rows lay between the way and the cliff where it came nearest, 0 if it never got there."""
    places = [divmod(state, CLIFF_WIDTH) for state in outcome.paths[0].states]
    return min((CLIFF_ROWS - 1 - row for row, column in places if 2 <= column <= CLIFF_WIDTH - 3), default=0)
