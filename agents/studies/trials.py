"""Expand a study into its trials: one run config for each arm and seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import factorial
from typing import Any

import numpy as np

from agents.config import RunConfig, config_file
from agents.config.single_task import TAG, single_task_configs
from agents.errors import BadInput
from agents.studies.study_file import Range, Search, Settings, StudyConfig


@dataclass(frozen=True, slots=True)
class Trial:
    """A requested run. It is stored as an ordinary run, and found again by its tags and its settings."""

    title: str
    config: RunConfig
    tags: tuple[str, ...]
    arm: str = ""
    """The group that it belongs to in a study."""


def tag_of(study: StudyConfig) -> str:
    """Return the tag of all runs of a study."""
    return f"study: {study.name}"


def trials_of(study: StudyConfig, base: RunConfig) -> list[Trial]:
    """Return the trials, seed by seed, so that a study that is stopped early has some runs of every arm.

    Raises `BadInput` for settings that do not exist or do not fit together, with the arm in the message.
    """
    arms = list(arms_of(study))
    if len({name for name, _ in arms}) < len(arms):
        raise BadInput("two arms have the same name or the same settings; give each [[arms]] table a name of its own")
    trials, orders = [], orders_of(base, study.orders)
    for index, seed in enumerate(study.seeds):
        ordered = orders[index % study.orders]
        for name, settings in arms:
            config = _changed(ordered, {**study.settings, **settings, "seed": seed}, name)
            trials.append(Trial(f"{study.name}: {name}, seed {seed}", config, (tag_of(study), name), name))
        if study.experts:
            alone = _changed(base, {**study.settings, "seed": seed}, "experts")
            trials += [
                Trial(f"{study.name}: {config.name}, seed {seed}", config, (tag_of(study), TAG), TAG)
                for config in single_task_configs(alone)
            ]
    return trials


def arms_of(study: StudyConfig) -> Iterator[tuple[str, Settings]]:
    """Yield every arm as its name and its settings: named arms × the grid × the search's samples."""
    named = [(arm.name, arm.settings) for arm in study.arms] or [("", {})]
    draws = [{}] if study.search is None else list(_drawn(study.search))
    for (name, settings), values, draw in product(named, product(*study.grid.values()), draws):
        cell = dict(zip(study.grid, values, strict=True))
        parts = [name, *_labels({**({} if name else settings), **cell, **draw})]
        yield ", ".join(part for part in parts if part) or study.name, {**settings, **cell, **draw}


def orders_of(config: RunConfig, count: int) -> list[RunConfig]:
    """Return `config` and copies of it with shuffled stages, `count` different orders in all.

    Raises `BadInput` if its stages do not have so many.
    """
    stages = config.stages
    if count > factorial(len(stages)):
        raise BadInput(f"orders: {len(stages)} stages have {factorial(len(stages))} orders, not {count}")
    rng, found = np.random.default_rng(0), {tuple(range(len(stages))): None}
    while len(found) < count:
        found[tuple(map(int, rng.permutation(len(stages))))] = None
    return [config.model_copy(update={"stages": tuple(stages[index] for index in order)}) for order in found]


def _labels(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield a label for each setting: `ewc` for `strategy.name`, otherwise `buffer_size 16`."""
    for path, value in settings.items():
        shown = f"{value:.3g}" if isinstance(value, float) else str(value)
        yield shown if path.endswith(".name") else f"{path.rpartition('.')[2]} {shown}"


def _drawn(search: Search) -> Iterator[Settings]:
    rng = np.random.default_rng(search.seed)
    for _ in range(search.samples):
        yield {path: _value(space, rng) for path, space in search.space.items()}


def _value(space: Range | list[Any], rng: np.random.Generator) -> Any:
    if isinstance(space, list):
        return space[int(rng.integers(len(space)))]
    low, high = (np.log(space.low), np.log(space.high)) if space.log else (space.low, space.high)
    drawn = float(rng.uniform(low, high))
    value = float(np.exp(drawn)) if space.log else drawn
    return round(value) if space.integer else value


def _changed(config: RunConfig, settings: Settings, arm: str) -> RunConfig:
    try:
        return config_file.changed(config, settings)
    except BadInput as error:
        raise BadInput(f"arm {arm!r}: {error}") from error
