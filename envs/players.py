"""Players that do not learn: uniform random actions, and the scripted experts of the household."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from envs import World
from envs.household import several_rooms_expert, single_room_expert
from envs.household.several_rooms import HouseholdRooms
from envs.household.single_room import Household

Player = Callable[[World], int]
"""Chooses the next action of a world."""
EXPERTS: Mapping[type[World], Callable[..., int]] = {
    Household: single_room_expert.expert,
    HouseholdRooms: several_rooms_expert.expert,
}
"""Expert by world class: returns an action that begins a shortest solution."""


def random_player(seed: int) -> Player:
    """Return a player that draws actions uniformly."""
    rng = np.random.default_rng(seed)
    return lambda world: int(rng.integers(len(world.actions)))


def scripted(world: World) -> Player | None:
    """Return the expert for the class of this world; None if there is none."""
    return next((play for kind, play in EXPERTS.items() if isinstance(world, kind)), None)
