"""`list`: list worlds, curricula, algorithms, strategies, runs and the like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from agents.config import config_file
from agents.errors import BadInput
from agents.registry import ALGORITHMS, MEMORIES, META, MODELS, STRATEGIES, names
from agents.store.run_store import RunStore
from app.proof.catalogue import entries
from envs.task import library, suggestion

Rows = list[dict[str, Any]]


def catalogue(kind: str, store: RunStore) -> Rows:
    """Return one row per item of this kind. Raises `BadInput` with a suggestion if the kind is unknown."""
    if kind not in KINDS:
        raise BadInput(f"there is nothing called {kind!r} to list{suggestion(kind, KINDS)}")
    return KINDS[kind](store)


def _worlds(store: RunStore) -> Rows:
    return [
        {
            "name": spec.key,
            "title": spec.title,
            "group": spec.group,
            "summary": spec.summary,
            "settings": _settings(spec.options),
        }
        for spec in library()
    ]


def _curricula(store: RunStore) -> Rows:
    rows = []
    for name, path in config_file.curricula().items():
        config = config_file.load(path)
        steps = sum(stage.steps for stage in config.stages)
        tasks = ", ".join(stage.configured_task.title for stage in config.stages)
        rows.append({"name": name, "title": config.name, "steps": steps, "tasks": tasks})
    return rows


def _parts(table: Mapping[str, type[Any]]) -> Callable[[RunStore], Rows]:
    return lambda store: [
        {"name": name, "summary": _first_line(kind), "settings": _settings(kind)} for name, kind in table.items()
    ]


def _benchmarks(store: RunStore) -> Rows:
    return [
        {
            "name": entry.name,
            "summary": entry.question,
            "settings": [{"name": key, "default": default, "summary": ""} for key, default in entry.options.items()],
        }
        for entry in entries()
    ]


def _runs(store: RunStore) -> Rows:
    return [run.overview() for run in store]


def _settings(kind: type[BaseModel]) -> Rows:
    return [
        {"name": name, "default": field.get_default(call_default_factory=True), "summary": field.description or ""}
        for name, field in kind.model_fields.items()
        if name != "name"
    ]


def _first_line(kind: type[Any]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


KINDS: Mapping[str, Callable[[RunStore], Rows]] = {
    "worlds": _worlds,
    "curricula": _curricula,
    "algorithms": _parts(names(ALGORITHMS)),
    "strategies": _parts(names(STRATEGIES)),
    "memories": _parts(names(MEMORIES)),
    "meta": _parts(names(META)),
    "models": _parts(names(MODELS)),
    "benchmarks": _benchmarks,
    "runs": _runs,
}
"""The kinds that `list` accepts, and the function that returns the rows of each."""
