"""How things stand in a house of several rooms, and what each act changes. A scene never changes: an act makes another.

What things are made to do here is all that the world, its checks and its expert know of the house.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from envs.household.floor_plan import FURNITURE, SINK, FloorPlan
from envs.household.instructions import Instruction, Verb

HAND = "hand"
"""Where the thing is that is held."""
ActKind = Literal["walk", "open", "close", "take", "put", "wash", "read"]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the agent can do: a deed, and to what."""

    kind: ActKind
    name: str = ""
    direction: int = 0


@dataclass(frozen=True, slots=True)
class HouseScene:
    """How everything stands at one instant."""

    here: str
    """The room in which the agent is."""
    where: tuple[tuple[str, str], ...]
    """Each thing with its place: a room (its floor), a piece of furniture, or the hand."""
    opened: frozenset[str] = frozenset()
    cold: frozenset[str] = frozenset()
    clean: frozenset[str] = frozenset()

    @property
    def held(self) -> str:
        """The thing in the hand, or nothing."""
        return next((thing for thing, place in self.where if place == HAND), "")

    def place(self, thing: str) -> str:
        """Return where a thing is; nothing if there is none."""
        return next((place for name, place in self.where if name == thing), "")

    def room_of(self, place: str) -> str:
        """Return the room in which a place is."""
        return self.here if place == HAND else FURNITURE[place].room if place in FURNITURE else place

    def shut(self, place: str) -> bool:
        """Whether a place has a lid and the lid is closed."""
        return place in FURNITURE and FURNITURE[place].lid and place not in self.opened

    def within_reach(self, place: str) -> bool:
        """Whether one can take from a place, or put into it."""
        return self.room_of(place) == self.here and not self.shut(place)

    def moved(self, places: Mapping[str, str]) -> HouseScene:
        """Return the scene with some things elsewhere."""
        return replace(self, where=tuple((thing, places.get(thing, place)) for thing, place in self.where))

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        sets = {name: sorted(getattr(self, name)) for name in ("opened", "cold", "clean")}
        return asdict(self) | {"where": dict(self.where)} | sets

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_data` was taken from."""
        sets = [frozenset(data[name]) for name in ("opened", "cold", "clean")]
        return cls(data["here"], tuple(data["where"].items()), *sets)


def perform(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    """Return the scene after an act; the same scene if the act is in vain."""
    return DEEDS[act.kind](scene, house, act)


def fulfils(scene: HouseScene, instruction: Instruction) -> bool:
    """Whether that which an instruction asks for is so."""
    return CHECKS[instruction.verb](scene, instruction)


def is_single_act(instruction: Instruction, acts: Sequence[Act]) -> bool:
    """Whether one of `acts`, done where it must be done, brings about what is asked for."""
    last = LAST_ACTS.get(instruction.verb)
    return last is not None and last(instruction) in acts


def is_within(instruction: Instruction, acts: Sequence[Act]) -> bool:
    """Whether `acts`, one after the other, can bring about what is asked for."""
    return is_single_act(instruction, acts) or (
        instruction.verb in ("cool", "serve") and {Act("close", "fridge"), Act("put", "fridge")} <= set(acts)
    )


def _walk(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    there = house.moves[scene.here][act.direction]
    return scene if there == scene.here else replace(scene, here=there)


def _open(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    near = FURNITURE[act.name].room == scene.here
    return replace(scene, opened=scene.opened | {act.name}) if near and scene.shut(act.name) else scene


def _close(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    if act.name not in scene.opened or FURNITURE[act.name].room != scene.here:
        return scene
    return chilled(replace(scene, opened=scene.opened - {act.name}))


def chilled(scene: HouseScene) -> HouseScene:
    """Return the scene with everything cold that a closed fridge holds."""
    inside = {thing for thing, place in scene.where if place == "fridge"} if scene.shut("fridge") else set()
    return replace(scene, cold=scene.cold | inside) if inside - scene.cold else scene


def _take(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    """Take a thing; what was held before is laid on the floor."""
    place = scene.place(act.name)
    if place in ("", HAND) or not scene.within_reach(place):
        return scene
    return scene.moved({scene.held: scene.here, act.name: HAND})


def _put(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    return scene.moved({scene.held: act.name}) if scene.held and scene.within_reach(act.name) else scene


def _wash(scene: HouseScene, house: FloorPlan, act: Act) -> HouseScene:
    if not scene.held or scene.here != SINK or scene.held in scene.clean:
        return scene
    return replace(scene, clean=scene.clean | {scene.held})


DEEDS: Mapping[ActKind, Callable[[HouseScene, FloorPlan, Act], HouseScene]] = {
    "walk": _walk,
    "open": _open,
    "close": _close,
    "take": _take,
    "put": _put,
    "wash": _wash,
    "read": lambda scene, house, act: scene,
}
CHECKS: Mapping[Verb, Callable[[HouseScene, Instruction], bool]] = {
    "go": lambda scene, asked: scene.here == asked.place,
    "open": lambda scene, asked: asked.place in scene.opened,
    "close": lambda scene, asked: asked.place not in scene.opened,
    "take": lambda scene, asked: scene.place(asked.thing) == HAND,
    "put": lambda scene, asked: scene.place(asked.thing) == asked.place,
    "wash": lambda scene, asked: asked.thing in scene.clean,
    "cool": lambda scene, asked: asked.thing in scene.cold,
    "serve": lambda scene, asked: asked.thing in scene.cold and scene.place(asked.thing) == "table",
}
LAST_ACTS: Mapping[Verb, Callable[[Instruction], Act]] = {
    "go": lambda asked: Act("walk"),
    "open": lambda asked: Act("open", asked.place),
    "close": lambda asked: Act("close", asked.place),
    "take": lambda asked: Act("take", asked.thing),
    "put": lambda asked: Act("put", asked.place),
    "wash": lambda asked: Act("wash"),
}
"""The act that ends it, of what is asked for in one piece: to cool or to serve something takes several."""
