"""Which parts cannot be combined, and why: one rule a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

if TYPE_CHECKING:  # the settings are checked by these rules, so they come later
    from agents.config import RunConfig

TABULAR = ("q_learning", "sarsa")
"""Algorithms that fill a table."""
REMEDIES: Sequence[Mapping[str, str]] = (
    {"model.name": "table"},
    {"model.name": "table", "strategy.name": "naive"},
    {"model.name": "transformer"},
    {"algorithm.name": "q_learning"},
    {"algorithm.name": "q_learning", "strategy.name": "naive"},
    {"strategy.name": "naive"},
)
"""What else to change so that a part fits, the least first."""


def misfit(config: RunConfig) -> str | None:
    """Return in one line which two parts of `config` cannot be combined, why, and the remedy; None if all can."""
    return next((said for rule in _RULES if (said := rule(config))), None)


def fitted(config: RunConfig, changes: Mapping[str, Any]) -> tuple[RunConfig, dict[str, Any]]:
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


def _needs_a_table(config: RunConfig) -> str | None:
    name, model = config.algorithm.name, config.model.name
    if name not in TABULAR or model == "table":
        return None
    return f"algorithm.name: {name!r} fills a table, but model.name is {model!r}; set model.name = 'table'"


def _needs_gradients(config: RunConfig) -> str | None:
    name = config.algorithm.name
    if config.model.name != "table" or name in (*TABULAR, "random"):
        return None
    return f"algorithm.name: {name!r} follows gradients and a table has none; set algorithm.name = 'q_learning'"


def _guards_nothing(config: RunConfig) -> str | None:
    name = config.strategy.name
    if name == "naive" or (config.model.name != "table" and config.algorithm.name != "random"):
        return None
    why = "a table shares nothing between sentences"
    if config.algorithm.name == "random":
        why = "who acts at random learns nothing"
    return f"strategy.name: {why}: nothing is forgotten, {name!r} has nothing to guard; set strategy.name = 'naive'"


def _cannot_adapt(config: RunConfig) -> str | None:
    name = config.algorithm.name
    place = next((place for place, stage in enumerate(config.stages) if stage.kind == "meta"), None)
    if place is None or name not in (*TABULAR, "dqn", "random"):
        return None
    return f"stages[{place}].kind: 'meta' adapts by policy gradients, not by {name!r}; set algorithm.name = 'ppo'"


_RULES: Sequence[Callable[[RunConfig], str | None]] = (
    _needs_a_table,
    _needs_gradients,
    _guards_nothing,
    _cannot_adapt,
)
