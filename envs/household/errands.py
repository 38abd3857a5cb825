"""What can be asked for in a room, whatever its episode asks for: a kind of request, and the thing that is meant."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache

from envs.household.goals import GOALS, THINGS, Name
from envs.requests import AGENT_LANGUAGE, Request
from resources import path

Errand = tuple[Name, str]


def errands(acts: Collection[str], furniture: str, things: Collection[str]) -> tuple[Errand, ...]:
    """Return what these acts can bring about in a room with this piece of furniture and these things."""
    possible = [(name, goal) for name, goal in GOALS.items() if set(goal.acts) <= set(acts)]
    return tuple(
        (name, thing)
        for name, goal in possible
        for thing in ((goal.target,) if goal.target else (each for each in THINGS if each in things))
        if {goal.target, goal.into} <= {"", furniture}
    )


@cache
def as_request(errand: Errand, is_fulfilled: bool) -> Request:
    """Return an errand as a person can give it."""
    name, thing = errand
    sayings = {language: ask.get(name, "").format(thing=names[thing]) for language, (ask, names) in _speech().items()}
    return Request({AGENT_LANGUAGE: GOALS[name].ask.format(thing=thing), **sayings}, is_fulfilled)


@cache
def meant(text: str) -> Errand:
    """Return what is asked for in the words that the agent reads."""
    every = ((name, thing) for name, goal in GOALS.items() for thing in ((goal.target,) if goal.target else THINGS))
    return next(errand for errand in every if as_request(errand, False).text == text)


@cache
def _speech() -> Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]:
    """How each kind is said, and what each thing is called, in other languages than the agent reads."""
    speech = tomllib.loads(path("household/instructions.toml").read_text(encoding="utf-8"))
    return {language: (page["asks"], page["names"]) for language, page in speech.items() if "asks" in page}
