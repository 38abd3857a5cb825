"""What do those score who learn nothing: a random player in every task, a scripted expert where there is one?

A score means little alone: it lies between these two.
"""

from __future__ import annotations

from statistics import fmean

from agents.benchmarks.report.figure import Figure
from envs import World
from envs.players import Player, random_player, scripted
from envs.task import Task, TaskSpec, library

SOLVED = 1.0


def measure(episodes: int = 64) -> list[Figure]:
    """Let both play every task of the library in its default form; return their mean scores, 0 to 1."""
    return [figure for spec in library() for figure in _figures(spec, episodes)]


def mean_score(world: World, player: Player, episodes: int) -> float:
    """Play so many episodes, always the same ones, and return the mean score."""
    return fmean(_score(world, player, seed=10_000 + number) for number in range(episodes))


def _score(world: World, player: Player, seed: int) -> float:
    world.reset(seed=seed)
    while True:
        _, _, terminated, truncated, info = world.step(player(world))
        if terminated or truncated:
            return float(info["score"])


def _figures(spec: TaskSpec, episodes: int) -> list[Figure]:
    world = Task(key=spec.key).make()
    rng = mean_score(world, random_player(seed=0), episodes)
    how = f"mean score of {episodes} episodes"
    figures = [Figure(f"{spec.key}: random player", rng, "of 1", source=how)]
    player = scripted(world)
    if player is not None:
        best = mean_score(world, player, episodes)
        figure = Figure(f"{spec.key}: scripted expert", best, "of 1", f"= {SOLVED:g}", best == SOLVED, how)
        figures.append(figure.beside(rng, "random player"))
    return figures
