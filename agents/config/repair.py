"""Suggest the smallest changes that make a run's components compatible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from agents.config import RunConfig

REMEDIES: Sequence[Mapping[str, str]] = (
    {"model.name": "table"},
    {"model.name": "table", "strategy.name": "naive"},
    {"model.name": "transformer"},
    {"algorithm.name": "q_learning"},
    {"algorithm.name": "q_learning", "strategy.name": "naive"},
    {"strategy.name": "naive"},
)
"""Further changes to try, in this order, until the parts can be combined."""


def repaired(config: RunConfig, changes: Mapping[str, Any]) -> tuple[RunConfig, dict[str, Any]]:
    """Return `config` with `changes` at dotted paths and the first remedy that makes them valid, and all changes made.

    A form can then switch to a part that other parts of the run do not support. Raises
    pydantic's ValidationError, as `RunConfig.changed` does, if no remedy helps.
    """
    try:
        return config.changed(dict(changes)), dict(changes)
    except ValidationError as error:
        if not any(path.endswith(".name") for path in changes):
            raise
        first_error = error
    for remedy in REMEDIES:
        extended = {**remedy, **changes}
        try:
            return config.changed(extended), extended
        except ValidationError:
            continue
    raise first_error
