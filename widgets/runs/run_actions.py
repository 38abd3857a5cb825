"""The actions on stored runs, for the buttons and the context menu; to add one, add a row to `RUN_ACTIONS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from widgets.requests import ContinueRun, DescribeRun, ExportRun, ForkFrom, OpenRun, OverlayRuns, TrashRuns
from widgets.scene import Scene
from widgets.style.translation import tr
from widgets.views.run_row import RunRow

Rows = tuple[RunRow, ...]
_ACTIVE = ("preparing", "running", "paused")


def _one(rows: Rows, scene: Scene) -> str:
    return "" if len(rows) == 1 else tr("Choose one run")


def _resumable(rows: Rows, scene: Scene) -> str:
    if objection := _one(rows, scene):
        return objection
    is_front = rows[0].folder == scene.folder
    if scene.state in _ACTIVE and not is_front:
        return tr("A run is going on. Stop it first.")
    if rows[0].can_go_on or (is_front and scene.state == "paused"):
        return ""
    if rows[0].is_over:
        return tr("This run is finished. Fork it to continue with other settings or stages.")
    return tr("This run is going on already.")


def _forkable(rows: Rows, scene: Scene) -> str:
    return _one(rows, scene) or ("" if rows[0].steps else tr("This run has no steps yet."))


def _overlayable(rows: Rows, scene: Scene) -> str:
    if not rows:
        return tr("Choose runs first")
    others = [row for row in rows if row.folder != scene.folder]
    return "" if others else tr("This run is in front already. Choose another one to lay over it.")


def _clearable(rows: Rows, scene: Scene) -> str:
    return "" if scene.overlays else tr("No run is laid over the one in front.")


def _removable(rows: Rows, scene: Scene) -> str:
    if not rows:
        return tr("Choose runs first")
    idle = [row for row in rows if scene.state not in _ACTIVE or row.folder != scene.folder]
    return "" if idle else tr("This run is going on. Stop it first.")


@dataclass(frozen=True, slots=True)
class RunAction:
    """An action on the selected runs."""

    name: str
    tip: str
    icon: str
    request: Callable[[tuple[Path, ...]], tuple[object, ...]]
    objection: Callable[[Rows, Scene], str]
    """Returns why the action is impossible for these runs; empty if it is possible."""


def _each(kind: Callable[[Path], object]) -> Callable[[tuple[Path, ...]], tuple[object, ...]]:
    return lambda folders: tuple(map(kind, folders))


RUN_ACTIONS: dict[str, RunAction] = {
    "open": RunAction("Open", "Show the chosen run in all panels", "ph.arrow-square-out", _each(OpenRun), _one),
    "go_on": RunAction(
        "Go on", "Resume the chosen run from its last checkpoint", "ph.play", _each(ContinueRun), _resumable
    ),
    "fork": RunAction(
        "Fork…",
        "Fork the chosen run: a new run that shares its history up to a step",
        "ph.git-fork",
        lambda folders: (ForkFrom(folder=folders[0]),),
        _forkable,
    ),
    "describe": RunAction(
        "Name, tags and notes…",
        "Edit the name, tags and notes of the chosen run (F2)",
        "ph.tag",
        _each(DescribeRun),
        _one,
    ),
    "overlay": RunAction(
        "Lay over",
        "Lay the chosen runs over the one in front",
        "ph.stack",
        lambda folders: (OverlayRuns(folders),),
        _overlayable,
    ),
    "clear": RunAction(
        "Take off", "Show the run in front alone", "ph.stack-simple", lambda _: (OverlayRuns(()),), _clearable
    ),
    "export": RunAction("Export", "Write the run's tables and plots to a folder", "ph.export", _each(ExportRun), _one),
    "trash": RunAction(
        "To the trash",
        "Move the chosen runs to the trash",
        "ph.trash",
        lambda folders: (TrashRuns(folders),),
        _removable,
    ),
}
"""The actions by key, in the order shown."""
