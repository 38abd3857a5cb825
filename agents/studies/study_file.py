"""The TOML file of a study: a curriculum, the settings to vary, orders and seeds."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from agents.config import RunConfig, config_file
from agents.config.error_text import explain
from agents.errors import BadInput
from agents.runtime.escaping import visible_name
from envs.options import Frozen

MOST_TRIALS = 10_000
"""A larger study is refused: it would take weeks, and its table could not be read."""
Settings = dict[str, Any]
"""Values by dotted path, such as `{"strategy.name": "ewc"}`."""


class Range(Frozen):
    """Numbers to draw from in a search."""

    low: float
    """Smallest value."""
    high: float
    """Largest value."""
    log: bool = False
    """Draw the logarithm uniformly, for scales such as learning rates."""
    integer: bool = False
    """Draw whole numbers."""

    @model_validator(mode="after")
    def _check_ends(self) -> Range:
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"low must be above 0 where log = true, got {self.low:g}")
        return self


class Search(Frozen):
    """A random search: every arm is tried with the same number of settings, drawn from `space`."""

    samples: int = Field(8, ge=1, le=1_000)
    """Settings that are drawn for each arm."""
    seed: int = Field(0, ge=0, lt=2**31)
    """Seeds the draws."""
    space: dict[str, Range | Annotated[list[Any], Field(min_length=1)]] = Field(default_factory=dict)
    """By dotted path: a range of numbers, or the values to choose from."""


class Arm(Frozen):
    """Settings under a name: one group of a study."""

    name: str = Field("", max_length=80)
    """Name of the group in tables and plots; empty: made of its settings."""
    settings: Settings = Field(default_factory=dict)
    """Values by dotted path."""


def _counted(seeds: Any) -> Any:
    """Take `seeds = 5` as the seeds 0 to 4."""
    return list(range(min(seeds, MOST_TRIALS + 1))) if isinstance(seeds, int) and not isinstance(seeds, bool) else seeds


class StudyConfig(Frozen):
    """A study: its runs are every arm or combination of the grid, with every seed."""

    name: str = Field(max_length=80, min_length=1)
    """Name of the study; its runs carry it as a tag."""
    curriculum: str = "demo"
    """A curriculum of the lab by name, or a TOML file, relative to the study's own folder."""
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], BeforeValidator(_counted)] = (0, 1, 2)
    """The seeds of every arm, or how many: 5 stands for 0, 1, 2, 3, 4."""
    orders: int = Field(1, ge=1, le=100)
    """Orders of the stages: the curriculum's own, and shuffled ones. The i-th seed takes order i modulo `orders`."""
    experts: bool = False
    """Also learn every task alone with each seed, as references for transfer."""
    settings: Settings = Field(default_factory=dict)
    """Settings that hold in every run, by dotted path."""
    grid: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field(default_factory=dict)
    """Values by dotted path; every combination is an arm."""
    arms: tuple[Arm, ...] = ()
    """Named arms; with a grid, every arm is combined with every combination."""
    search: Search | None = None
    """Settings that are drawn at random for every arm."""

    @field_validator("name")
    @classmethod
    def _printable(cls, name: str) -> str:
        return visible_name(name)

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if not seeds:
            raise ValueError("must hold at least one seed")
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed is listed twice")
        return seeds

    @model_validator(mode="after")
    def _small_enough(self) -> StudyConfig:
        runs = self.arm_count * len(self.seeds)
        if runs > MOST_TRIALS:
            raise ValueError(f"has {runs:,} runs; take at most {MOST_TRIALS:,}, with fewer values or seeds")
        return self

    @property
    def arm_count(self) -> int:
        """Number of arms: named ones × combinations of the grid × samples of the search."""
        count = max(len(self.arms), 1) * (1 if self.search is None else self.search.samples)
        for values in self.grid.values():
            count *= len(values)
        return count


def load(path: Path | str) -> tuple[StudyConfig, RunConfig]:
    """Read a study and the curriculum that it names. Raises `BadInput` with one line that says what to mend."""
    file = Path(path)
    try:
        study = StudyConfig.model_validate(tomllib.loads(config_file.text_of(file)))
    except ValidationError as error:
        raise BadInput(f"{file.name}: {explain(error)}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"{file.name}: is not valid TOML: {error}") from error
    known = config_file.curricula()
    curriculum = known.get(study.curriculum, file.parent / study.curriculum)
    if not config_file.is_file(curriculum):
        names = ", ".join(known)
        raise BadInput(f"{file.name}: curriculum {study.curriculum!r} is no file beside it, and none of {names}")
    config = config_file.load(curriculum)
    if not config.stages:
        raise BadInput(f"{curriculum.name}: stages: must not be empty; add a [[stages]] table with a task")
    return study, config
