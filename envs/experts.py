"""Scripted experts: for a world of a kind, every action that is the best one now. A row a kind of world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import Any

from envs.task import TaskSpec

BestActions = Callable[[Any], tuple[int, ...]]
"""Returns of a world every action that begins a best way from here: each of them is as good as the others."""
EXPERTS: Mapping[str, str] = {
    "envs.household.single_room:Household": "envs.household.single_room_expert:best",
    "envs.household.several_rooms:HouseholdRooms": "envs.household.several_rooms_expert:best",
    "envs.gym_worlds.verbalize:Verbalized": "envs.gym_worlds.value_iteration:best",
}
"""By the world of a task, who solves it: imported when somebody asks."""
TABULAR = ("gym:FrozenLake-v1", "gym:FirmLake-v1", "gym:Taxi-v4", "gym:CliffWalking-v1")
"""Gymnasium tasks whose environment hands out the table of what each action leads to."""


def has_expert(spec: TaskSpec) -> bool:
    """Return whether somebody has written an expert for this task."""
    return spec.world in EXPERTS and (not spec.key.startswith("gym:") or spec.key in TABULAR)


def expert_for(spec: TaskSpec) -> BestActions | None:
    """Return the expert of a task's worlds; None if nobody has written one."""
    if not has_expert(spec):
        return None
    found: BestActions = resolve_name(EXPERTS[spec.world])
    return found
