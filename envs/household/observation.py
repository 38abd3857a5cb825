"""The observation in a house of several rooms: what the agent holds, where it is, and what is there."""

from __future__ import annotations

from envs.household.floor_plan import FURNITURE, NOTE, SINK, FloorPlan
from envs.household.scene import HAND, HouseScene


def describe_scene(scene: HouseScene, house: FloorPlan, targets: tuple[str, ...], aspects: tuple[str, ...]) -> str:
    """Return the part of the sentence that follows the request.

    `aspects` are the optional parts: the `sink` and whether targets are clean, whether they are `cold`,
    the `note`, and where targets are that are out of sight (`located`).
    """
    holding = f" you hold the {scene.held} ." if scene.held else ""
    furniture = [f" {name}{_lid_state(scene, name)} ." for name in house.standing_in(scene.here)]
    fixtures = [
        f" {name} ." for name, room in (("sink", SINK), ("note", NOTE)) if name in aspects and scene.here == room
    ]
    things = [
        f" {thing}{_thing_state(scene, thing, aspects) if thing in targets else ''}{_place_phrase(scene, place)} ."
        for thing, place in scene.where
        if _is_mentioned(scene, place, thing in targets, aspects)
    ]
    return f"{holding} you are in the {scene.here} ." + "".join([*furniture, *fixtures, *things])


def _lid_state(scene: HouseScene, name: str) -> str:
    if not FURNITURE[name].lid:
        return ""
    return " open" if name in scene.opened else " closed"


def _is_mentioned(scene: HouseScene, place: str, is_target: bool, aspects: tuple[str, ...]) -> bool:
    """Return whether a thing has a clause; a held one only for its state, since the first clause names it."""
    if place == HAND:
        return is_target and ("cold" in aspects or "sink" in aspects)
    return scene.is_within_reach(place) or (is_target and "located" in aspects)


def _thing_state(scene: HouseScene, thing: str, aspects: tuple[str, ...]) -> str:
    if "sink" in aspects:
        return " clean" if thing in scene.clean else " dirty"
    if "cold" in aspects:
        return " cold" if thing in scene.cold else " warm"
    return ""


def _place_phrase(scene: HouseScene, place: str) -> str:
    if place in (HAND, scene.here):
        return " here"
    preposition = FURNITURE[place].preposition if place in FURNITURE else "in"
    return f" {preposition} {place}"
