"""A scripted expert that solves every goal in a house of one room in the fewest steps."""

from __future__ import annotations

from envs.household.grid import room
from envs.household.single_room import Household


def expert(world: Household) -> int:
    """Return the next action of a shortest solution."""
    return best(world)[0]


def best(world: Household) -> tuple[int, ...]:
    """Return every action that begins a shortest solution, in order."""
    picture_state = world.picture_state()
    cells, cell = picture_state["cells"], picture_state["trail"][-1]
    target = cells["basket"] if picture_state["held"] else cells[picture_state["target"]]
    if cell == target:
        acts = world.actions[4:]
        return (world.actions.index(acts[-1] if picture_state["held"] else acts[0]),)
    tables = room(picture_state["size"])
    distances = [tables.distance[tables.moves[direction][cell]][target] for direction in picture_state["meanings"]]
    return tuple(action for action, distance in enumerate(distances) if distance == min(distances))
