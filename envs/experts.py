"""Scripted experts: every optimal action in the current state of a world, by world class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import Any

from envs.task import TaskSpec

BestActions = Callable[[Any], tuple[int, ...]]
"""Maps a world to its optimal actions: every action that begins an optimal path from its current state."""
EXPERTS: Mapping[str, str] = {
    "envs.household.single_room:Household": "envs.household.single_room_expert:best",
    "envs.household.several_rooms:HouseholdRooms": "envs.household.several_rooms_expert:best",
    "envs.gym_worlds.verbalize:Verbalized": "envs.gym_worlds.value_iteration:best",
}
"""Expert function by world class, both as `module:name`; imported on first use."""
TABULAR = ("gym:FrozenLake-v1", "gym:FirmLake-v1", "gym:Taxi-v4", "gym:CliffWalking-v1")
"""Gymnasium tasks whose environment publishes its transition table `P`."""


def has_expert(spec: TaskSpec) -> bool:
    """Return whether there is a scripted expert for this task."""
    return spec.world in EXPERTS and (not spec.key.startswith("gym:") or spec.key in TABULAR)


def expert_for(spec: TaskSpec) -> BestActions | None:
    """Return the expert for a task's worlds; None if there is none."""
    if not has_expert(spec):
        return None
    expert: BestActions = resolve_name(EXPERTS[spec.world])
    return expert
