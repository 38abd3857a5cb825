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
"""What else to change so that a part fits, the least first."""


def repaired(config: RunConfig, changes: Mapping[str, Any]) -> tuple[RunConfig, dict[str, Any]]:
    """Return `config` with `changes` at dotted paths, and with the least else that makes the parts fit; and all of it.

    So a form can go from one kind to another that goes with other parts only. Raises
    pydantic's ValidationError, as `RunConfig.changed` does, where nothing makes them fit.
    """
    try:
        return config.changed(dict(changes)), dict(changes)
    except ValidationError as error:
        if not any(path.endswith(".name") for path in changes):
            raise
        reason = error
    for remedy in REMEDIES:
        wider = {**remedy, **changes}
        try:
            return config.changed(wider), wider
        except ValidationError:
            continue
    raise reason
