"""The options of every world; their docstrings are the help texts of files, forms and `--help`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """Immutable, validated data; the docstring under a field is its help text."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Options(Frozen):
    """Options of a world."""


class HouseholdOptions(Options):
    """A small house on a grid."""

    objects: int = Field(1, ge=1, le=3)
    """Things in the room. One is asked for, the others distract."""
    size: int = Field(5, ge=3, le=9)
    """Cells along each side of the room."""
    max_episode_steps: int | None = Field(None, ge=4, le=500)
    """Steps before an episode is cut off. Left out: twice the longest walk, four times where a thing is carried."""
    shaped: bool = True
    """Add a small reward for each step towards the goal. The score stays success or failure."""


class WordsOptions(HouseholdOptions):
    """A house whose four direction words are permuted: a family of 24 languages."""

    member: int = Field(0, ge=0, le=23)
    """Which of the 24 permutations of the direction words the house uses."""


class GymOptions(Options):
    """Any Gymnasium environment with discrete actions, put into words."""

    max_episode_steps: int = Field(200, ge=1, le=10_000)
    """Steps before an episode is cut off."""
    bins: int = Field(9, ge=2, le=25)
    """Words that each measured number is rounded to."""
    low: float | None = None
    """Return that scores 0. Left out: what a random player earns."""
    high: float | None = None
    """Return that scores 1. Left out: the highest known to be possible, less where `max_episode_steps` is short."""


class RoomsOptions(Options):
    """A house of several rooms."""

    rooms: int = Field(2, ge=2, le=4)
    """Rooms of the house. With four, the doors make a ring."""
    distractors: int = Field(0, ge=0, le=4)
    """Things that no goal is about."""
    max_episode_steps: int | None = Field(None, ge=4, le=500)
    """Steps before an episode is cut off. Left out: about twice the longest solution."""
    subgoal_share: float = Field(0.5, ge=0, le=0.9)
    """Part of the reward that is paid for sub-goals, each the first time; the rest is for the goal. 0: only success."""
    location_shown: bool = True
    """State where the requested thing is, even out of sight. Otherwise the agent has to search for it."""


class ChoreOptions(RoomsOptions):
    """A house of several rooms, with chores for pairs of a thing and a place."""

    split: Literal["all", "train", "held_out"] = "all"
    """Which pairs are asked for: all, those for training, or those that training never sees."""


class RulesOptions(RoomsOptions):
    """A house of several rooms with a rule that changes by episode."""

    rule: Literal["thing", "colour"] = "thing"
    """What the rule is about: the thing that is asked for, or the things of a colour and all others."""
    rule_shown: Literal["once", "note", "always", "never"] = "once"
    """When the rule is stated: in the first sentence, on reading the note in the hall, in every sentence, or never."""
