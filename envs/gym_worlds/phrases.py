"""The phrase book: how well-known Gymnasium environments are said in words."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Literal

from pydantic import Field

from envs.options import Frozen
from resources import path

Bound = float | Literal["limit", "-limit"]
"""A return: a number, or as much as an episode has steps, or that many points lost."""


class Dimension(Frozen):
    """How one number of an observation is said."""

    name: str = ""
    """What the number tells."""
    clause: bool = False
    """Whether a full stop comes before it."""
    words: tuple[str, ...] = ()
    """A word for each value. Left out: number words."""
    sides: tuple[str, str] | None = None
    """Words for less and more than `centre`: `two left`."""
    middle: str = "zero"
    """The word for about `centre`."""
    centre: float = 0.0
    """Where the sides meet."""
    span: float | None = Field(None, gt=0)
    """How far from `centre` the bins reach. Left out: random play finds out."""
    curve: float = Field(1.0, gt=0)
    """1: bins of equal width; more: finer near `centre`."""


class Phrases(Frozen):
    """A page of the phrase book: one environment."""

    name: str
    """How sentences name the world."""
    ask: str = ""
    """What is asked of the agent."""
    actions: tuple[str, ...] = ()
    """A phrase for each action."""
    dimensions: tuple[Dimension, ...] = ()
    """The numbers of an observation, in order."""
    factors: tuple[int, ...] = ()
    """How a single whole number splits into several, the last one running fastest: rows, columns ..."""
    low: Bound | None = None
    """Return that scores 0."""
    high: Bound | None = None
    """Return that scores 1."""


@cache
def phrases(gym_id: str) -> Phrases:
    """Return the page for `gym_id`, or a plain one for an environment that the book does not know."""
    try:
        page = path(f"phrases/{gym_id}.toml")
    except FileNotFoundError:
        return Phrases(name=gym_id.replace("/", " ").lower())
    return Phrases.model_validate(tomllib.loads(page.read_text(encoding="utf-8")))
