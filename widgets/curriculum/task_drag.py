"""Drag and drop of tasks from the task bin to the timeline."""

from __future__ import annotations

import json

from PySide6.QtCore import QMimeData

from envs.curriculum import Stage
from envs.task import find_task

MIME = "application/x-palimpsest-task"


def stage_for(key: str, kind: str = "task") -> Stage:
    """Return a new stage of a task with the default budget."""
    return Stage.model_validate({"task": key, "kind": kind})


def pack(key: str, kind: str = "task") -> QMimeData:
    """Return the drag data of a task; other programs get its title as text."""
    mime = QMimeData()
    mime.setData(MIME, json.dumps({"key": key, "options": {}, "kind": kind}).encode())
    mime.setText(find_task(key).title)
    return mime


def unpack(mime: QMimeData) -> Stage | None:
    """Return a new stage for drag data; None if it is no known task."""
    if not mime.hasFormat(MIME):
        return None
    try:
        data = json.loads(bytes(mime.data(MIME).data()))
        return Stage.model_validate({"task": data["key"], "kind": data["kind"], "options": data["options"]})
    except (ValueError, KeyError, TypeError):  # a drag can come from any program
        return None
