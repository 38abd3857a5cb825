"""The goals of a single room, and the furniture that each of them needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

THINGS = ("apple", "milk", "cup", "ball")
"""Things that the agent can carry."""

Name = Literal["go-to", "open", "take", "put", "lamp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A kind of goal."""

    ask: str
    """Template of the instruction, with `{thing}` for the target."""
    acts: tuple[str, ...] = ()
    """Actions besides the four directions. The last one completes the goal."""
    target: str = ""
    """The piece of furniture that is the target; empty where the target is a thing."""
    into: str = ""
    """The piece of furniture that the thing has to be carried to; empty for none."""
    states: tuple[str, str] = ("", "")
    """Suffixes of the target's name before and after success."""


GOALS: dict[Name, Goal] = {
    "go-to": Goal(ask="go to the {thing}"),
    "open": Goal(ask="open the {thing}", acts=("open",), target="fridge", states=(" closed", " open")),
    "take": Goal(ask="take the {thing}", acts=("take",)),
    "put": Goal(ask="put the {thing} in the basket", acts=("take", "put"), into="basket"),
    "lamp": Goal(ask="switch on the {thing}", acts=("switch",), target="lamp", states=(" off", " on")),
}
