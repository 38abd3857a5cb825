"""Does the lab survive random users? Each presses every control while the agent learns, in a process of its own.

The seed determines what a user does, so that `--first 7 --seeds 1` repeats the seventh.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from agents.benchmarks.report.figure import Figure, none_of
from agents.benchmarks.report.progress import print_progress
from app.benchmarks.screen import ROOT, find_screen, isolated_environment

PROGRAM = ("-m", "app.benchmarks.one_monkey")
HUNG = "Timeout ("
"""First word of the message with which `faulthandler` ends a process that hangs."""
LAST = 4_000
"""Number of characters of a failed process's stderr that are shown."""


@dataclass(frozen=True, slots=True)
class MonkeyResult:
    """The result of one random user."""

    seed: int
    events: int = 0
    steps: int = 0
    longest: float = 0.0
    """Maximum seconds between two interactions."""
    slowest: str = ""
    """The interaction that took them."""
    errors: tuple[str, ...] = ()
    crash: str = ""
    """Exit code and stderr of the process, if it failed."""
    hung: bool = False

    @property
    def summary(self) -> str:
        """The result in words."""
        if self.crash:
            return f"seed {self.seed}: {'hung' if self.hung else 'crashed'}, {self.crash}"
        first = f"; first: {self.errors[0]}" if self.errors else ""
        longest = f"at most {self.longest:.2f} s for one ({self.slowest})"
        counts = f"{self.events} events, {self.steps:,} steps learned"
        return f"seed {self.seed}: {counts}, {longest}, {len(self.errors)} errors{first}"


def measure(seeds: int = 20, events: int = 2_000, first: int = 1) -> list[Figure]:
    """Run `seeds` random users one after another, each for `events` interactions; print each result."""
    find_screen()
    results = []
    for seed in range(first, first + seeds):
        results.append(run_monkey(seed, events))
        print_progress(results[-1].summary)
    return figures(results)


def run_monkey(seed: int, events: int, program: Sequence[str] = PROGRAM) -> MonkeyResult:
    """Run the random user of a seed in a subprocess."""
    command = [sys.executable, *program, str(seed), str(events)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = isolated_environment(folder)
        done = subprocess.run(
            [*command, folder], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        crash = f"exit code {done.returncode}\n{done.stderr[-LAST:]}"
        return MonkeyResult(seed, crash=crash, hung=HUNG in done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    return MonkeyResult(seed, **{**found, "errors": tuple(found["errors"])})


def figures(results: Sequence[MonkeyResult]) -> list[Figure]:
    """Return the figures over all users."""
    seeds = ", ".join(str(result.seed) for result in results if result.crash or result.errors)
    source = f"{len(results)} people" + (f"; found by seed {seeds}" if seeds else "")
    counts = {
        "crashes": sum(bool(result.crash) and not result.hung for result in results),
        "hangs": sum(result.hung for result in results),
        "errors in the log": sum(len(result.errors) for result in results),
    }
    longest = max(result.longest for result in results)
    return [
        Figure("events", sum(result.events for result in results), "", source=source),
        *(none_of(name, count, source) for name, count in counts.items()),
        Figure("longest between two events", longest, "s", source="with a busy machine"),
    ]
