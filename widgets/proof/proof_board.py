"""What the proof panel shows: every benchmark, its last result, and the one that is being measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agents.benchmarks.report.figure import Verdict
from agents.benchmarks.report.result import Result
from widgets.style.translation import tr


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A benchmark: what it asks, what it takes, and what it came to last."""

    name: str
    question: str
    options: Mapping[str, str]
    result: Result | None = None
    error: str = ""
    """Why the last measurement came to nothing."""

    @property
    def verdict(self) -> Verdict | None:
        """What the last result says; None if there is none."""
        return self.result.verdict if self.result else None

    @property
    def when(self) -> str:
        """When it was measured, in the time of this place."""
        if self.result is None:
            return tr("not measured yet")
        return datetime.fromisoformat(self.result.measured).astimezone().strftime("%Y-%m-%d %H:%M")

    @property
    def hint(self) -> str:
        """What can be typed as options, with what each is otherwise."""
        return "  ".join(f"--{key.replace('_', '-')} {value}".rstrip() for key, value in self.options.items())


@dataclass(frozen=True, slots=True)
class ProofBoard:
    """All of it at one moment."""

    rows: tuple[ProofRow, ...] = ()
    running: str = ""
    """Name of the benchmark that is being measured; empty if none is."""
    seconds: int = 0
    """For how long it has been."""
    line: str = ""
    """What it said last."""

    def row(self, name: str) -> ProofRow | None:
        """Return the benchmark of this name."""
        return next((row for row in self.rows if row.name == name), None)
