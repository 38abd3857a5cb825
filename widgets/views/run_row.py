"""A stored run as a row of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from widgets.style.translation import tr

UNFINISHED = ("stopped", "interrupted", "fault")
"""States of a run that can be resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """The summary of a run that lists show."""

    folder: Path
    name: str
    created: str
    strategy: str
    algorithm: str
    model: str
    seed: int
    steps: int
    learned: float | None
    average: float | None
    forgetting: float | None
    state: str
    tags: tuple[str, ...] = ()
    note: str = ""
    parent: str = ""
    """Name of the run that this one is a fork of; empty if it is none."""
    left_at: int = 0
    """The step of the fork."""

    @classmethod
    def of(cls, folder: Path, overview: Mapping[str, Any]) -> RunRow:
        """Make a row from `agents.store.run.Run.overview`."""
        values = {key: overview[key] for key in cls.__slots__ if key not in ("folder", "tags", "parent", "left_at")}
        parent, left_at = overview["parent"] or "", overview["left_at"] or 0
        return cls(folder=folder, tags=tuple(overview["tags"]), parent=parent, left_at=left_at, **values)

    def updated(self, state: str, steps: int, scores: Mapping[str, Any]) -> RunRow:
        """Return the row of an active run with its current state, steps and scores."""
        return replace(self, state=state, steps=steps, **scores)

    @property
    def origin(self) -> str:
        """The run and step that it was forked from; empty if it is no fork."""
        return tr("forked from ‘{run}’ at {step}", run=self.parent, step=f"{self.left_at:,}") if self.parent else ""

    @property
    def labels(self) -> str:
        """Tags, first line of the note, and origin, in one line."""
        first = self.note.splitlines()[0] if self.note else ""
        return " · ".join(part for part in (", ".join(self.tags), first, self.origin) if part)

    @property
    def can_go_on(self) -> bool:
        """Whether the run can be resumed."""
        return self.state in UNFINISHED

    @property
    def is_over(self) -> bool:
        """Whether the run is not running."""
        return self.state != "running"
