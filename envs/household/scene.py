"""The state of a house of several rooms, immutable, and the effect of each act, which returns a new state.

The world, its checks and its expert all use these effects as their only model of the house.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from envs.household.floor_plan import FURNITURE, SINK, FloorPlan
from envs.household.instructions import Instruction, Verb

HAND = "hand"
"""The place of the held thing."""
ActKind = Literal["walk", "open", "close", "take", "put", "wash", "read"]


@dataclass(frozen=True, slots=True)
class Act:
    """An act of the agent: its kind, and the thing, furniture or direction that it concerns."""

    kind: ActKind
    name: str = ""
    direction: int = 0


@dataclass(frozen=True, slots=True)
class HouseScene:
    """The state of a house at one time step."""

    here: str
    """The room of the agent."""
    where: tuple[tuple[str, str], ...]
    """Each thing with its place: a room (on its floor), a piece of furniture, or the hand."""
    opened: frozenset[str] = frozenset()
    cold: frozenset[str] = frozenset()
    clean: frozenset[str] = frozenset()

    @property
    def held(self) -> str:
        """The thing in the hand; empty if there is none."""
        return next((thing for thing, place in self.where if place == HAND), "")

    def place(self, thing: str) -> str:
        """Return the place of a thing; empty if it is not in the house."""
        return next((place for name, place in self.where if name == thing), "")

    def room_of(self, place: str) -> str:
        """Return the room of a place."""
        return self.here if place == HAND else FURNITURE[place].room if place in FURNITURE else place

    def is_shut(self, place: str) -> bool:
        """Return whether a place has a lid that is closed."""
        return place in FURNITURE and FURNITURE[place].lid and place not in self.opened

    def is_within_reach(self, place: str) -> bool:
        """Return whether the agent can take from a place, or put into it."""
        return self.room_of(place) == self.here and not self.is_shut(place)

    def moved(self, places: Mapping[str, str]) -> HouseScene:
        """Return the scene with things at other places."""
        return replace(self, where=tuple((thing, places.get(thing, place)) for thing, place in self.where))

    def as_data(self) -> dict[str, Any]:
        """Return the scene as JSON data."""
        sets = {name: sorted(getattr(self, name)) for name in ("opened", "cold", "clean")}
        return asdict(self) | {"where": dict(self.where)} | sets

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the scene that `as_data` described."""
        sets = [frozenset(data[name]) for name in ("opened", "cold", "clean")]
        return cls(data["here"], tuple(data["where"].items()), *sets)


def perform(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    """Return the scene after an act; the same scene if the act has no effect."""
    return EFFECTS[act.kind](scene, house, act)


def fulfils(scene: HouseScene, instruction: Instruction) -> bool:
    """Return whether an instruction is fulfilled."""
    return CHECKS[instruction.verb](scene, instruction)


def is_single_act(instruction: Instruction, acts: Sequence[Act]) -> bool:
    """Return whether one of `acts`, done in the right situation, fulfils an instruction."""
    last_act = LAST_ACTS.get(instruction.verb)
    return last_act is not None and last_act(instruction) in acts


def is_within(instruction: Instruction, acts: Sequence[Act]) -> bool:
    """Return whether a sequence of `acts` can fulfil an instruction."""
    return is_single_act(instruction, acts) or (
        instruction.verb in ("cool", "serve") and {Act("close", "fridge"), Act("put", "fridge")} <= set(acts)
    )


def _walk(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    target = house.moves[scene.here][act.direction]
    return scene if target == scene.here else replace(scene, here=target)


def _open(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    near = FURNITURE[act.name].room == scene.here
    return replace(scene, opened=scene.opened | {act.name}) if near and scene.is_shut(act.name) else scene


def _close(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    if act.name not in scene.opened or FURNITURE[act.name].room != scene.here:
        return scene
    return chilled(replace(scene, opened=scene.opened - {act.name}))


def chilled(scene: HouseScene) -> HouseScene:
    """Return the scene after cooling everything in a closed fridge."""
    inside = {thing for thing, place in scene.where if place == "fridge"} if scene.is_shut("fridge") else set()
    return replace(scene, cold=scene.cold | inside) if inside - scene.cold else scene


def _take(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    """Take a thing; a thing held before is laid on the floor."""
    place = scene.place(act.name)
    if place in ("", HAND) or not scene.is_within_reach(place):
        return scene
    return scene.moved({scene.held: scene.here, act.name: HAND})


def _put(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    return scene.moved({scene.held: act.name}) if scene.held and scene.is_within_reach(act.name) else scene


def _wash(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    if not scene.held or scene.here != SINK or scene.held in scene.clean:
        return scene
    return replace(scene, clean=scene.clean | {scene.held})


EFFECTS: Mapping[ActKind, Callable[[HouseScene, FloorPlan, Act], HouseScene]] = {
    "walk": _walk,
    "open": _open,
    "close": _close,
    "take": _take,
    "put": _put,
    "wash": _wash,
    "read": lambda scene, house, act: scene,
}
CHECKS: Mapping[Verb, Callable[[HouseScene, Instruction], bool]] = {
    "go": lambda scene, instruction: scene.here == instruction.place,
    "open": lambda scene, instruction: instruction.place in scene.opened,
    "close": lambda scene, instruction: instruction.place not in scene.opened,
    "take": lambda scene, instruction: scene.place(instruction.thing) == HAND,
    "put": lambda scene, instruction: scene.place(instruction.thing) == instruction.place,
    "wash": lambda scene, instruction: instruction.thing in scene.clean,
    "cool": lambda scene, instruction: instruction.thing in scene.cold,
    "serve": lambda scene, instruction: instruction.thing in scene.cold and scene.place(instruction.thing) == "table",
}
LAST_ACTS: Mapping[Verb, Callable[[Instruction], Act]] = {
    "go": lambda instruction: Act("walk"),
    "open": lambda instruction: Act("open", instruction.place),
    "close": lambda instruction: Act("close", instruction.place),
    "take": lambda instruction: Act("take", instruction.thing),
    "put": lambda instruction: Act("put", instruction.place),
    "wash": lambda instruction: Act("wash"),
}
"""The act that fulfils an instruction; none for `cool` and `serve`, which take several."""
