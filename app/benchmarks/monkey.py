"""Can anybody break the lab? Random people press everything while the agent learns, each in a process of its own.

What a person does follows from the seed, so that `--first 7 --seeds 1` does again what the seventh did.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from agents.benchmarks.report.figure import Figure, none_of
from app.benchmarks.screen import ROOT, find_screen, isolated_environment

PROGRAM = ("-m", "app.benchmarks.one_monkey")
HUNG = "Timeout ("
"""How `faulthandler` begins when it ends a process that hangs."""
LAST = 4_000
"""Characters of what a process said at last that are shown."""


@dataclass(frozen=True, slots=True)
class MonkeyResult:
    """What became of one person's visit."""

    seed: int
    events: int = 0
    steps: int = 0
    longest: float = 0.0
    """Seconds between two deeds."""
    slowest: str = ""
    """What was done then."""
    errors: tuple[str, ...] = ()
    crash: str = ""
    """How the process ended, if it did not end well."""
    hung: bool = False


def measure(seeds: int = 20, events: int = 2_000, first: int = 1) -> list[Figure]:
    """Let so many people loose, one after another, each for so many events; tell on stderr what each found."""
    find_screen()
    visits = []
    for seed in range(first, first + seeds):
        visits.append(run_monkey(seed, events))
        sys.stderr.write(f"{told(visits[-1])}\n")
    return figures(visits)


def run_monkey(seed: int, events: int, program: Sequence[str] = PROGRAM) -> MonkeyResult:
    """Let a person of this seed loose."""
    command = [sys.executable, *program, str(seed), str(events)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = isolated_environment(folder)
        done = subprocess.run(
            [*command, folder], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        said = f"exit code {done.returncode}\n{done.stderr[-LAST:]}"
        return MonkeyResult(seed, crash=said, hung=HUNG in done.stderr)
    seen = json.loads(done.stdout.splitlines()[-1])
    return MonkeyResult(seed, seen["events"], seen["steps"], seen["longest"], seen["slowest"], tuple(seen["errors"]))


def told(visit: MonkeyResult) -> str:
    """Return in words what a person found."""
    if visit.crash:
        return f"seed {visit.seed}: {'hung' if visit.hung else 'crashed'}, {visit.crash}"
    first = f"; first: {visit.errors[0]}" if visit.errors else ""
    done = (
        f"{visit.events} events, {visit.steps:,} steps learned, at most {visit.longest:.2f} s for one ({visit.slowest})"
    )
    return f"seed {visit.seed}: {done}, {len(visit.errors)} errors{first}"


def figures(visits: Sequence[MonkeyResult]) -> list[Figure]:
    """Return what all of them found."""
    seeds = ", ".join(str(visit.seed) for visit in visits if visit.crash or visit.errors)
    source = f"{len(visits)} people" + (f"; found by seed {seeds}" if seeds else "")
    found = {
        "crashes": sum(bool(visit.crash) and not visit.hung for visit in visits),
        "hangs": sum(visit.hung for visit in visits),
        "errors in the log": sum(len(visit.errors) for visit in visits),
    }
    return [
        Figure("events", sum(visit.events for visit in visits), "", source=source),
        *(none_of(name, count, source) for name, count in found.items()),
        Figure("longest between two events", max(visit.longest for visit in visits), "s", source="with a busy machine"),
    ]
