"""What do agents score that learn nothing: a random player in every task, a scripted expert where there is one?

The two are the lower and the upper reference for every score of a learned policy.
"""

from __future__ import annotations

from statistics import fmean

from agents.benchmarks.report.figure import Figure
from envs import World
from envs.players import Player, random_player, scripted
from envs.task import Task, TaskSpec, library

SOLVED = 1.0


def measure(episodes: int = 64) -> list[Figure]:
    """Evaluate both players in every task of the library with default options; return mean scores, 0 to 1."""
    return [figure for spec in library() for figure in _figures(spec, episodes)]


def mean_score(world: World, player: Player, episodes: int) -> float:
    """Play `episodes` episodes with fixed seeds; return the mean score."""
    return fmean(_score(world, player, seed=10_000 + number) for number in range(episodes))


def _score(world: World, player: Player, seed: int) -> float:
    world.reset(seed=seed)
    while True:
        _, _, terminated, truncated, info = world.step(player(world))
        if terminated or truncated:
            return float(info["score"])


def _figures(spec: TaskSpec, episodes: int) -> list[Figure]:
    world = Task(key=spec.key).make()
    chance = mean_score(world, random_player(seed=0), episodes)
    source = f"mean score of {episodes} episodes"
    figures = [Figure(f"{spec.key}: random player", chance, "of 1", source=source)]
    player = scripted(world)
    if player is not None:
        score = mean_score(world, player, episodes)
        figure = Figure(f"{spec.key}: scripted expert", score, "of 1", f"= {SOLVED:g}", score == SOLVED, source)
        figures.append(figure.beside(chance, "random player"))
    return figures
