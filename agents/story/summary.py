"""The summary of a run as JSON data, for `run --json` and `show --json`."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.metrics import METRICS, Matrix, learned
from agents.story import Story
from envs.task import Task


def summarise(story: Story, run: str) -> dict[str, Any]:
    """Return config, evaluation matrix and metrics as JSON data; unknown numbers are None."""
    view = story.until()
    matrix, own, rows = view.matrix()
    seconds = story.seconds
    return {
        "run": run,
        "config": story.config.model_dump(mode="json"),
        "tasks": [_task(task) for task in story.tasks],
        "rows": rows,
        "matrix": _rows(matrix),
        "learned": learned(matrix, own),
        "metrics": {**view.metrics(), "definition": _definition()},
        "steps": story.step,
        "seconds": round(seconds, 3),
        "steps_per_second": round(story.step / seconds, 1) if seconds else None,
        "finished": story.finished.reason if story.finished else None,
        "faults": [note.message.format(**note.arguments) for note in story.notes if hasattr(note, "message")],
    }


def _task(task: Task) -> dict[str, Any]:
    return {"key": task.key, "title": task.title, "options": dict(task.options)}


def _rows(matrix: Matrix) -> list[list[float | None]]:
    return [[None if np.isnan(score) else float(score) for score in row] for row in matrix]


def _definition() -> dict[str, str]:
    return {metric.key: f"{metric.formula} ({metric.source})" for metric in METRICS}
