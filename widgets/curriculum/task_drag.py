"""A task on its way from the bin to the timeline."""

from __future__ import annotations

import json

from PySide6.QtCore import QMimeData

from envs.curriculum import Stage
from envs.task import find_task

MIME = "application/x-palimpsest-task"


def stage_for(key: str, kind: str = "task") -> Stage:
    """Return a new stage of a task, with the budget that new stages have."""
    return Stage.model_validate({"task": key, "kind": kind})


def pack(key: str, kind: str = "task") -> QMimeData:
    """Wrap a task for a drag; other programs see its name."""
    mime = QMimeData()
    mime.setData(MIME, json.dumps({"key": key, "options": {}, "kind": kind}).encode())
    mime.setText(find_task(key).title)
    return mime


def unpack(mime: QMimeData) -> Stage | None:
    """Return a new stage for what is dragged; None if it is not a task that we know."""
    if not mime.hasFormat(MIME):
        return None
    try:
        said = json.loads(bytes(mime.data(MIME).data()))
        return Stage.model_validate({"task": said["key"], "kind": said["kind"], "options": said["options"]})
    except (ValueError, KeyError, TypeError):  # a drag can come from any program
        return None
