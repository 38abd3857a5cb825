"""Instructions that a house can check: written in English or Chinese, and read back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from envs.household.floor_plan import CARRIED, FloorPlan, plan
from envs.requests import Request
from envs.task import suggestion
from resources import path

Verb = Literal["go", "open", "close", "take", "put", "wash", "cool", "serve"]
Language = Literal["en", "zh_CN"]
LANGUAGES: tuple[Language, ...] = ("en", "zh_CN")
WHOLE = 4
"""Rooms of the largest house: whatever can be asked anywhere can be asked there."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing to bring about. Whether it is brought about can be seen in the house alone."""

    verb: Verb
    thing: str = ""
    """What is taken, put, washed, cooled or served."""
    place: str = ""
    """The room to go to, what to open or close, or what to put the thing in."""

    def text(self, language: Language = "en") -> str:
        """Return the sentence that asks for it."""
        speech = _speech()[language]
        names = speech["names"]
        return speech["verbs"][self.verb].format(
            thing=names.get(self.thing, ""),
            place=names.get(self.place, ""),
            into=speech["into"].get(self.place, ""),
        )


@cache
def as_request(asked: Instruction, is_fulfilled: bool) -> Request:
    """Return an instruction as a person can give it."""
    return Request({language: asked.text(language) for language in LANGUAGES}, is_fulfilled)


def parse(text: str) -> Instruction:
    """Read an instruction in either language. Raises ValueError with the nearest one that there is."""
    known = _known()
    if (found := known.get(" ".join(text.lower().split()))) is None:
        raise ValueError(f"unknown instruction {text!r}{suggestion(text, known)}")
    return found


@cache
def instructions(house: FloorPlan, things: tuple[str, ...] = CARRIED) -> tuple[Instruction, ...]:
    """Return everything that a house with these things can check."""
    return (
        *(Instruction("go", place=room) for room in house.rooms),
        *(Instruction(verb, place=lid) for verb in ("open", "close") for lid in house.lids),
        *(Instruction("take", thing) for thing in things),
        *(Instruction("put", thing, place) for thing in things for place in house.places),
        *(Instruction(verb, thing) for verb in ("wash", "cool", "serve") for thing in things),
    )


@cache
def _known() -> dict[str, Instruction]:
    return {each.text(language): each for language in LANGUAGES for each in instructions(plan(WHOLE))}


@cache
def _speech() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(path("household/instructions.toml").read_text(encoding="utf-8"))
