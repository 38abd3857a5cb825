"""Tasks: a world with its options. `LIBRARY` is a table with a row for each task."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from pydantic import Field

from envs.options import (
    ChoreOptions,
    Frozen,
    GymOptions,
    HouseholdOptions,
    Options,
    RoomsOptions,
    RulesOptions,
    WordsOptions,
)

if TYPE_CHECKING:  # a world brings Gymnasium and pygame; the vocabulary stays light
    from envs import World


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """A row of the library."""

    key: str
    """Its name in files and commands."""
    title: str
    """Its name in the window."""
    group: str
    """Heading in the task bin."""
    summary: str
    """What the agent has to do, in one sentence."""
    world: str
    """`module:Class` of the world, imported by `Task.make`."""
    options: type[Options]
    """Model of the options of the world."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the world's constructor that no option changes."""
    family: int = 0
    """Number of members of the family, for meta-learning; 0 for a single task."""
    checks: bool = False
    """Whether its world can check instructions besides its goal."""


def _house(key: str, title: str, group: str, summary: str, **fixed: str) -> TaskSpec:
    return TaskSpec(
        key=key,
        title=title,
        group=group,
        summary=summary,
        world="envs.household.single_room:Household",
        options=HouseholdOptions,
        fixed=fixed,
    )


def _rooms(chore: str, title: str, summary: str, options: type[Options] = ChoreOptions) -> TaskSpec:
    return TaskSpec(
        key=f"household/{chore}",
        title=title,
        group="Several rooms",
        summary=summary,
        world="envs.household.several_rooms:HouseholdRooms",
        options=options,
        fixed={"chore": chore},
        checks=True,
    )


LIBRARY: tuple[TaskSpec, ...] = (
    _house("household/go-to", "Go to", "Household", "Walk to the thing that is named.", goal="go-to"),
    _house("household/open", "Open", "Household", "Walk to the fridge and open it.", goal="open"),
    _house("household/take", "Take", "Household", "Walk to the thing that is named and pick it up.", goal="take"),
    _house("household/put-away", "Put away", "Household", "Carry the thing that is named to the basket.", goal="put"),
    _house("household/lamp", "Light the lamp", "Household", "Walk to the lamp and switch it on.", goal="lamp"),
    _house(
        "mirror/go-to",
        "Mirror house",
        "Mirror household",
        "The same words in a house where every direction is reversed.",
        goal="go-to",
        speech="mirror",
    ),
    _house(
        "mirror/take",
        "Mirror take",
        "Mirror household",
        "Pick up the thing that is named, with every direction reversed.",
        goal="take",
        speech="mirror",
    ),
    _house(
        "turned/go-to",
        "Turned house",
        "Mirror household",
        "The same words in a house that is turned by a quarter: north means east.",
        goal="go-to",
        speech="turned",
    ),
    _rooms("fetch", "Fetch", "Find a thing in a house of several rooms and pick it up.", RoomsOptions),
    _rooms("store", "Store", "Carry a thing to its place in another room, opening what is shut."),
    _rooms("wash", "Wash", "Carry a thing to the sink and wash it."),
    _rooms("cool", "Cool", "Put a thing in the fridge and close the door."),
    _rooms("serve", "Serve it cold", "Cool a thing in the fridge, then bring it to the table."),
    _rooms("tidy", "Tidy up", "Carry two things to their places, in any order."),
    _rooms("rules", "House rules", "Put a thing where the rule of the day wants it.", RulesOptions),
    TaskSpec(
        key="household/words",
        title="New words",
        group="Families",
        summary="Go to a thing in a house where the four direction words are permuted; 24 members.",
        world="envs.household.single_room:Household",
        options=WordsOptions,
        fixed={"goal": "go-to", "speech": "words"},
        family=24,
    ),
)

GYM_TITLES: Mapping[str, str] = {
    "CartPole-v1": "Balance the pole",
    "MountainCar-v0": "Mountain car",
    "Acrobot-v1": "Swing up",
    "FrozenLake-v1": "Frozen lake",
    "FirmLake-v1": "Firm lake",
    "Taxi-v4": "Taxi",
    "CliffWalking-v1": "Cliff walking",
}
"""Gymnasium worlds that the task bin offers by name; any other id works, too."""

_GYM_ID = re.compile(r"gym:(\w[\w.\-]*(?:/\w[\w.\-]*)?)", re.ASCII)


def _gym(gym_id: str) -> TaskSpec:
    return TaskSpec(
        key=f"gym:{gym_id}",
        title=GYM_TITLES.get(gym_id, gym_id),
        group="Gymnasium",
        summary=f"The Gymnasium environment {gym_id}, put into words.",
        world="envs.gym_worlds.verbalize:Verbalized",
        options=GymOptions,
        fixed={"gym_id": gym_id},
    )


def library() -> tuple[TaskSpec, ...]:
    """Return every task of the task bin: the library and the named Gymnasium environments."""
    return LIBRARY + tuple(_gym(gym_id) for gym_id in GYM_TITLES)


def find_task(key: str) -> TaskSpec:
    """Return the row with this key, or a new one for any `gym:ID`. Raises ValueError with a suggestion."""
    for spec in library():
        if spec.key == key:
            return spec
    if key.startswith("gym:"):
        if match := _GYM_ID.fullmatch(key):
            return _gym(match[1])
        # `gym:module:Env` would make Gymnasium import `module`, and a file must never run code
        raise ValueError(f"{key!r} is not a Gymnasium id; write it like gym:CartPole-v1")
    raise ValueError(f"unknown task {key!r}{suggestion(key, (spec.key for spec in library()))}")


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean ...?` with the most similar name, or a list of the known ones."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(names)}"


class Task(Frozen):
    """One task with its options: a column of the evaluation matrix."""

    key: str
    """A row of the library, or `gym:ID`."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the world that differ from their defaults."""

    @cached_property
    def spec(self) -> TaskSpec:
        """The task's entry in the library: its title, options and environment."""
        return find_task(self.key)

    @cached_property
    def identity(self) -> str:
        """Key and options as one string: tasks with equal identities share a column of the evaluation matrix."""
        return f"{self.key} {json.dumps(self.options, sort_keys=True)}"

    @property
    def title(self) -> str:
        """Its name in the window."""
        return self.spec.title

    def make(self) -> World:
        """Build the world. Raises ValueError for invalid options or an unknown Gymnasium id."""
        options = self.spec.options(**self.options)
        world: World = resolve_name(self.spec.world)(options, **self.spec.fixed)
        return world
