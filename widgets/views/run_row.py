"""What a list tells about a stored run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from widgets.style.translation import tr

UNFINISHED = ("stopped", "interrupted", "fault")
"""States of a run that can be lived on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """What the list tells about a run."""

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
    """Name of the run that it left, if it is a fork."""
    left_at: int = 0
    """The step at which."""

    @classmethod
    def of(cls, folder: Path, overview: Mapping[str, Any]) -> RunRow:
        """Make a row of `agents.store.run.Run.overview`."""
        told = {key: overview[key] for key in cls.__slots__ if key not in ("folder", "tags", "parent", "left_at")}
        parent, left_at = overview["parent"] or "", overview["left_at"] or 0
        return cls(folder=folder, tags=tuple(overview["tags"]), parent=parent, left_at=left_at, **told)

    def live(self, state: str, steps: int, told: Mapping[str, Any]) -> RunRow:
        """Return the row as it is by now, while the run is lived."""
        return replace(self, state=state, steps=steps, **told)

    @property
    def origin(self) -> str:
        """Say which run it left, if it is a fork."""
        return tr("forked from ‘{run}’ at {step}", run=self.parent, step=f"{self.left_at:,}") if self.parent else ""

    @property
    def labels(self) -> str:
        """Say in a line what a person said about it, and where it comes from."""
        first = self.note.splitlines()[0] if self.note else ""
        return " · ".join(part for part in (", ".join(self.tags), first, self.origin) if part)

    @property
    def can_go_on(self) -> bool:
        """Whether something of it is left to be lived."""
        return self.state in UNFINISHED

    @property
    def is_over(self) -> bool:
        """Whether nothing of it can change any more."""
        return self.state != "running"
