"""The options of every world, each documented once: in files, forms and `--help` alike."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """Immutable, validated data; the docstring under a field is its help text."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Options(Frozen):
    """What can be chosen about a world."""


class HouseholdOptions(Options):
    """A small house on a grid."""

    objects: int = Field(1, ge=1, le=3)
    """Things in the room. One is asked for, the others distract."""
    size: int = Field(5, ge=3, le=9)
    """Cells along each side of the room."""
    limit: int | None = Field(None, ge=4, le=500)
    """Steps before an episode is cut off. Left out: twice the longest walk, four times where a thing is carried."""
    shaped: bool = True
    """Pay a little for each step that comes closer. The score stays success or failure."""


class WordsOptions(HouseholdOptions):
    """A house whose four direction words are dealt out anew: a family of 24 languages."""

    member: int = Field(0, ge=0, le=23)
    """Which of the 24 orders of the direction words is spoken."""


class GymOptions(Options):
    """Any Gymnasium environment with discrete actions, put into words."""

    limit: int = Field(200, ge=1, le=10_000)
    """Steps before an episode is cut off."""
    bins: int = Field(9, ge=2, le=25)
    """Words that each measured number is rounded to."""
    low: float | None = None
    """Return that scores 0. Left out: what a random player earns."""
    high: float | None = None
    """Return that scores 1. Left out: the most that is known to be possible."""
