"""What the agent is told of a house of several rooms: what it holds, where it is, and what it sees there."""

from __future__ import annotations

from envs.household.floor_plan import FURNITURE, NOTE, SINK, FloorPlan
from envs.household.scene import HAND, HouseScene


def told(scene: HouseScene, house: FloorPlan, targets: tuple[str, ...], aspects: tuple[str, ...]) -> str:
    """Return the part of the sentence that follows the request.

    `aspects` are what it tells beside the usual: the `sink` and whether what is asked for is clean,
    whether it is `cold`, the `note`, and where it is when it is out of sight (`located`).
    """
    holding = f" you hold the {scene.held} ." if scene.held else ""
    furniture = [f" {name}{_lid(scene, name)} ." for name in house.standing_in(scene.here)]
    fixtures = [
        f" {name} ." for name, room in (("sink", SINK), ("note", NOTE)) if name in aspects and scene.here == room
    ]
    things = [
        f" {thing}{_state(scene, thing, aspects) if thing in targets else ''}{_place(scene, place)} ."
        for thing, place in scene.where
        if _is_told(scene, place, thing in targets, aspects)
    ]
    return f"{holding} you are in the {scene.here} ." + "".join([*furniture, *fixtures, *things])


def _lid(scene: HouseScene, name: str) -> str:
    if not FURNITURE[name].lid:
        return ""
    return " open" if name in scene.opened else " closed"


def _is_told(scene: HouseScene, place: str, asked_for: bool, aspects: tuple[str, ...]) -> bool:
    """What is held was told already, but not whether it is cold or clean."""
    if place == HAND:
        return asked_for and ("cold" in aspects or "sink" in aspects)
    return scene.within_reach(place) or (asked_for and "located" in aspects)


def _state(scene: HouseScene, thing: str, aspects: tuple[str, ...]) -> str:
    if "sink" in aspects:
        return " clean" if thing in scene.clean else " dirty"
    if "cold" in aspects:
        return " cold" if thing in scene.cold else " warm"
    return ""


def _place(scene: HouseScene, place: str) -> str:
    if place in (HAND, scene.here):
        return " here"
    preposition = FURNITURE[place].preposition if place in FURNITURE else "in"
    return f" {preposition} {place}"
