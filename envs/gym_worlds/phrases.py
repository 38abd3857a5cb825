"""The phrase book: names, actions and numbers of well-known Gymnasium environments in words."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Literal

from pydantic import Field

from envs.options import Frozen
from resources import path

Bound = float | Literal["limit", "-limit"]
"""A return: a number, or plus or minus the step limit of an episode."""


class Dimension(Frozen):
    """How one number of an observation is put into words."""

    name: str = ""
    """Name of the number in sentences."""
    clause: bool = False
    """Whether a full stop precedes it."""
    words: tuple[str, ...] = ()
    """A word for each value. Left out: number words."""
    sides: tuple[str, str] | None = None
    """Words for less and more than `centre`: `two left`."""
    middle: str = "zero"
    """The word for about `centre`."""
    centre: float = 0.0
    """Value between the two sides."""
    span: float | None = Field(None, gt=0)
    """Distance from `centre` that the bins cover. Left out: the edges come from random play."""
    curve: float = Field(1.0, gt=0)
    """1: bins of equal width; more: finer near `centre`."""


class Phrases(Frozen):
    """The phrases of one environment: a file of the phrase book."""

    name: str
    """Name of the world in sentences."""
    ask: str = ""
    """The instruction in sentences."""
    actions: tuple[str, ...] = ()
    """A phrase for each action."""
    dimensions: tuple[Dimension, ...] = ()
    """The numbers of an observation, in order."""
    factors: tuple[int, ...] = ()
    """Mixed radix that splits a single integer into several, the last one varying fastest: rows, columns ..."""
    low: Bound | None = None
    """Return that scores 0."""
    high: Bound | None = None
    """Return that scores 1."""


@cache
def phrases(gym_id: str) -> Phrases:
    """Return the phrases for `gym_id`; for an environment without a file, just its name."""
    try:
        page = path(f"phrases/{gym_id}.toml")
    except FileNotFoundError:
        return Phrases(name=gym_id.replace("/", " ").lower())
    return Phrases.model_validate(tomllib.loads(page.read_text(encoding="utf-8")))
