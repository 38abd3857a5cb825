"""What can be asked of the agent in a house, and what stands in the room for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

THINGS = ("apple", "milk", "cup", "ball")
"""What can be carried."""

Name = Literal["go-to", "open", "take", "put", "lamp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One kind of request."""

    ask: str
    """The instruction; `{thing}` is the one that is named."""
    acts: tuple[str, ...] = ()
    """Words the agent needs beside the four directions. The last one finishes the task."""
    target: str = ""
    """The piece of furniture that is asked for; empty: one of the things."""
    into: str = ""
    """The piece of furniture that the thing is carried to."""
    states: tuple[str, str] = ("", "")
    """How the target is called before and after."""


GOALS: dict[Name, Goal] = {
    "go-to": Goal(ask="go to the {thing}"),
    "open": Goal(ask="open the {thing}", acts=("open",), target="fridge", states=(" closed", " open")),
    "take": Goal(ask="take the {thing}", acts=("take",)),
    "put": Goal(ask="put the {thing} in the basket", acts=("take", "put"), into="basket"),
    "lamp": Goal(ask="switch on the {thing}", acts=("switch",), target="lamp", states=(" off", " on")),
}
