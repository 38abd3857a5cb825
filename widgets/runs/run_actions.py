"""What can be done with stored runs, by a button and in the menu. To add a deed, add a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from widgets.requests import ContinueRun, DescribeRun, ExportRun, ForkFrom, OpenRun, OverlayRuns, TrashRuns
from widgets.scene import Scene
from widgets.style.translation import tr
from widgets.views.run_row import RunRow

Rows = tuple[RunRow, ...]
_LIVE = ("preparing", "running", "paused")


def _one(rows: Rows, scene: Scene) -> str:
    return "" if len(rows) == 1 else tr("Choose one run")


def _goes_on(rows: Rows, scene: Scene) -> str:
    if said := _one(rows, scene):
        return said
    is_front = rows[0].folder == scene.folder
    if scene.state in _LIVE and not is_front:
        return tr("A run is going on. Stop it first.")
    if rows[0].can_go_on or (is_front and scene.state == "paused"):
        return ""
    if rows[0].is_over:
        return tr("This run is finished. Fork it to give it another future.")
    return tr("This run is going on already.")


def _forks(rows: Rows, scene: Scene) -> str:
    return _one(rows, scene) or ("" if rows[0].steps else tr("Nothing of this run was lived yet."))


def _lies_over(rows: Rows, scene: Scene) -> str:
    if not rows:
        return tr("Choose runs first")
    others = [row for row in rows if row.folder != scene.folder]
    return "" if others else tr("This run is in front already. Choose another one to lay over it.")


def _takes_off(rows: Rows, scene: Scene) -> str:
    return "" if scene.overlays else tr("No run is laid over the one in front.")


def _throws_away(rows: Rows, scene: Scene) -> str:
    if not rows:
        return tr("Choose runs first")
    idle = [row for row in rows if scene.state not in _LIVE or row.folder != scene.folder]
    return "" if idle else tr("This run is going on. Stop it first.")


@dataclass(frozen=True, slots=True)
class RunAction:
    """Something that can be done with the chosen runs."""

    name: str
    tip: str
    icon: str
    request: Callable[[tuple[Path, ...]], tuple[object, ...]]
    objection: Callable[[Rows, Scene], str]
    """Why it can't be done with these now; empty if it can."""


def _each(kind: Callable[[Path], object]) -> Callable[[tuple[Path, ...]], tuple[object, ...]]:
    return lambda folders: tuple(map(kind, folders))


RUN_ACTIONS: dict[str, RunAction] = {
    "open": RunAction("Open", "Show the chosen run in all panels", "ph.arrow-square-out", _each(OpenRun), _one),
    "go_on": RunAction(
        "Go on", "Live the chosen run on from its last checkpoint", "ph.play", _each(ContinueRun), _goes_on
    ),
    "fork": RunAction(
        "Fork…",
        "Give the chosen run another future, as a new run",
        "ph.git-fork",
        lambda folders: (ForkFrom(folder=folders[0]),),
        _forks,
    ),
    "describe": RunAction(
        "Name, tags and notes…",
        "Call the chosen run otherwise, tag it, or note something (F2)",
        "ph.tag",
        _each(DescribeRun),
        _one,
    ),
    "overlay": RunAction(
        "Lay over",
        "Lay the chosen runs over the one in front",
        "ph.stack",
        lambda folders: (OverlayRuns(folders),),
        _lies_over,
    ),
    "clear": RunAction(
        "Take off", "Show the run in front alone", "ph.stack-simple", lambda _: (OverlayRuns(()),), _takes_off
    ),
    "export": RunAction("Export", "Write the run's tables and plots to a folder", "ph.export", _each(ExportRun), _one),
    "trash": RunAction(
        "To the trash",
        "Move the chosen runs to the trash",
        "ph.trash",
        lambda folders: (TrashRuns(folders),),
        _throws_away,
    ),
}
"""In order."""
