"""What do those score who learn nothing: a random player in every task, a scripted expert where there is one?

A score means little alone: it lies between these two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import fmean

import numpy as np

from agents.benchmarks.figure import Figure
from envs import World
from envs.household import Household
from envs.household_expert import expert
from envs.household_planner import expert as planner
from envs.household_rooms import HouseholdRooms
from envs.task import Task, TaskSpec, library

Player = Callable[[World], int]
"""Chooses the next action of a world."""
EXPERTS: Mapping[type[World], Callable[..., int]] = {Household: expert, HouseholdRooms: planner}
"""Who solves the worlds of a kind."""
SOLVED = 1.0


def measure(episodes: int = 64) -> list[Figure]:
    """Let both play every task of the library in its default form; return their mean scores, 0 to 1."""
    return [figure for spec in library() for figure in _figures(spec, episodes)]


def random_player(seed: int) -> Player:
    """Return a player to whom every action is as good as any other."""
    chance = np.random.default_rng(seed)
    return lambda world: int(chance.integers(len(world.actions)))


def scripted(world: World) -> Player | None:
    """Return the expert for worlds like this one, if anybody has written it."""
    return next((play for kind, play in EXPERTS.items() if isinstance(world, kind)), None)


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
    chance = mean_score(world, random_player(seed=0), episodes)
    how = f"mean score of {episodes} episodes"
    figures = [Figure(f"{spec.key}: random player", chance, "of 1", source=how)]
    player = scripted(world)
    if player is not None:
        best = mean_score(world, player, episodes)
        figure = Figure(f"{spec.key}: scripted expert", best, "of 1", f"= {SOLVED:g}", best == SOLVED, how)
        figures.append(figure.beside(chance, "random player"))
    return figures
