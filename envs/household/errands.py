"""Requests in a single room: a kind of goal and a thing, which may differ from the episode's own goal."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache

from envs.household.goals import GOALS, THINGS, Name
from envs.requests import AGENT_LANGUAGE, Request
from resources import path

Errand = tuple[Name, str]


def errands(acts: Collection[str], furniture: str, things: Collection[str]) -> tuple[Errand, ...]:
    """Return the errands that these acts can achieve in a room with this furniture and these things."""
    possible = [(name, goal) for name, goal in GOALS.items() if set(goal.acts) <= set(acts)]
    return tuple(
        (name, thing)
        for name, goal in possible
        for thing in ((goal.target,) if goal.target else (each for each in THINGS if each in things))
        if {goal.target, goal.into} <= {"", furniture}
    )


@cache
def as_request(errand: Errand, is_fulfilled: bool) -> Request:
    """Return an errand as a request, in every language."""
    name, thing = errand
    translations = {
        language: ask.get(name, "").format(thing=names[thing]) for language, (ask, names) in _translations().items()
    }
    return Request({AGENT_LANGUAGE: GOALS[name].ask.format(thing=thing), **translations}, is_fulfilled)


@cache
def parse_errand(text: str) -> Errand:
    """Return the errand with this English text."""
    every = ((name, thing) for name, goal in GOALS.items() for thing in ((goal.target,) if goal.target else THINGS))
    return next(errand for errand in every if as_request(errand, False).text == text)


@cache
def _translations() -> Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]:
    """Return the templates of each kind of goal and the names of things, by language other than English."""
    pages = tomllib.loads(path("household/instructions.toml").read_text(encoding="utf-8"))
    return {language: (page["asks"], page["names"]) for language, page in pages.items() if "asks" in page}
