"""Run a command of the lab in this process, and capture what it prints."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

from app.cli.commands import main

TRACES = ("Traceback", "PALIMPSEST_DEBUG")
"""Texts that only an unexpected error leaves on stderr."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Exit code and output of a command."""

    code: int
    stdout: str
    stderr: str

    @property
    def traces(self) -> list[str]:
        """The texts of `TRACES` on stderr."""
        return [trace for trace in TRACES if trace in self.stderr]


def run_command(arguments: Sequence[str], stderr: io.StringIO | None = None) -> CommandResult:
    """Run a command; another thread may read `stderr` meanwhile."""
    stdout, stderr = io.StringIO(), io.StringIO() if stderr is None else stderr
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = main(list(arguments))
    return CommandResult(code, stdout.getvalue(), stderr.getvalue())
