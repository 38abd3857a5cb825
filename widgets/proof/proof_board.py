"""The state of the proof panel: all benchmarks, their last results, and the one that is running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agents.benchmarks.report.figure import Verdict
from agents.benchmarks.report.result import Result
from widgets.style.translation import tr


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A benchmark: its question, its options, and its last result."""

    name: str
    question: str
    options: Mapping[str, str]
    result: Result | None = None
    error: str = ""
    """Error message of the last run, if it failed."""

    @property
    def verdict(self) -> Verdict | None:
        """Verdict of the last result; None without a result."""
        return self.result.verdict if self.result else None

    @property
    def when(self) -> str:
        """Local time of the last result, as text."""
        if self.result is None:
            return tr("not measured yet")
        return datetime.fromisoformat(self.result.measured).astimezone().strftime("%Y-%m-%d %H:%M")

    @property
    def hint(self) -> str:
        """The command-line options with their defaults."""
        return "  ".join(f"--{key.replace('_', '-')} {value}".rstrip() for key, value in self.options.items())


@dataclass(frozen=True, slots=True)
class ProofBoard:
    """The state at one time."""

    rows: tuple[ProofRow, ...] = ()
    running: str = ""
    """Name of the running benchmark; empty if none is running."""
    seconds: int = 0
    """How long it has been running."""
    line: str = ""
    """Its last line of output."""

    def row(self, name: str) -> ProofRow | None:
        """Return the benchmark of this name."""
        return next((row for row in self.rows if row.name == name), None)
