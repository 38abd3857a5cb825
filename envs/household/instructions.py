"""Instructions that a house can check: formatted in English or Chinese, and parsed."""

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
MAX_ROOMS = 4
"""Rooms of the largest house, which has every instruction of the smaller ones."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """A state of the house to bring about, which depends on the house alone and not on the path to it."""

    verb: Verb
    thing: str = ""
    """The thing to take, put, wash, cool or serve."""
    place: str = ""
    """The room to go to, or the furniture to open, to close or to put the thing in."""

    def text(self, language: Language = "en") -> str:
        """Return the instruction as a sentence."""
        page = _translations()[language]
        names = page["names"]
        return page["verbs"][self.verb].format(
            thing=names.get(self.thing, ""),
            place=names.get(self.place, ""),
            into=page["into"].get(self.place, ""),
        )


@cache
def as_request(instruction: Instruction, is_fulfilled: bool) -> Request:
    """Return an instruction as a request, in every language."""
    return Request({language: instruction.text(language) for language in LANGUAGES}, is_fulfilled)


def parse(text: str) -> Instruction:
    """Parse an instruction in either language. Raises ValueError with the most similar known one."""
    known = _known()
    if (found := known.get(" ".join(text.lower().split()))) is None:
        raise ValueError(f"unknown instruction {text!r}{suggestion(text, known)}")
    return found


@cache
def instructions(house: FloorPlan, things: tuple[str, ...] = CARRIED) -> tuple[Instruction, ...]:
    """Return every instruction that a house with these things can check."""
    return (
        *(Instruction("go", place=room) for room in house.rooms),
        *(Instruction(verb, place=lid) for verb in ("open", "close") for lid in house.lids),
        *(Instruction("take", thing) for thing in things),
        *(Instruction("put", thing, place) for thing in things for place in house.places),
        *(Instruction(verb, thing) for verb in ("wash", "cool", "serve") for thing in things),
    )


@cache
def _known() -> dict[str, Instruction]:
    return {each.text(language): each for language in LANGUAGES for each in instructions(plan(MAX_ROOMS))}


@cache
def _translations() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(path("household/instructions.toml").read_text(encoding="utf-8"))
