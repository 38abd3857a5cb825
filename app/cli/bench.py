"""`bench`: run a benchmark and store its result."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from time import perf_counter
from typing import Any

from agents.benchmarks.report.quick_budgets import SMALL
from agents.benchmarks.report.result import Result, findings, parse, unpromised
from agents.benchmarks.report.result_store import ResultStore
from agents.errors import BadInput
from agents.registry import BENCHMARKS
from app.cli.run import literal
from app.proof.catalogue import QUICK, RUNS, entries
from envs.task import suggestion


@dataclass(frozen=True, slots=True)
class Broken:
    """A benchmark that came to no result."""

    name: str
    reason: str


def measure(name: str, extra: Sequence[str], runs: Path) -> Result:
    """Measure one benchmark and keep its result beside the runs, unless it was only a quick look."""
    if name not in BENCHMARKS:
        raise BadInput(f"unknown benchmark {name!r}{suggestion(name, [*BENCHMARKS, 'all'])}")
    function = resolve_name(BENCHMARKS[name])
    chosen = options(extra)
    is_quick = bool(chosen.get(QUICK))
    arguments = _arguments(name, function, chosen)
    if RUNS in inspect.signature(function).parameters:
        arguments[RUNS] = runs
    started = perf_counter()
    found = findings(function(**arguments))
    result = Result(
        name=name,
        options=" ".join(extra),
        measured=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(perf_counter() - started, 2),
        figures=unpromised(found.figures) if is_quick else found.figures,
        charts=found.charts,
    )
    if not is_quick:
        _keep(result, runs)
    return result


def measure_all(extra: Sequence[str], runs: Path) -> Iterator[Result | Broken]:
    """Measure each in a process of its own, so that none disturbs the next; what fails does not stop the others.

    Each is given those of the options that it takes.
    """
    chosen, known = options(extra), entries()
    for key in chosen:
        if not any(key in one.options for one in known):
            raise BadInput(
                f"bench all: no benchmark takes --{key.replace('_', '-')}; `list benchmarks` tells what each does"
            )
    for one in known:
        command = [sys.executable, "-m", "app", "bench", one.name, "--json", "--runs", str(runs)]
        command += [f"{_flag(key)}={value}" for key, value in chosen.items() if key in one.options]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        try:
            yield parse(done.stdout)
        except ValueError:
            yield Broken(one.name, f"no result, exit code {done.returncode}; what it said is above")


def options(extra: Sequence[str]) -> dict[str, Any]:
    """Read `--key value`, `--key=value` and `--flag` as a function's keyword arguments."""
    chosen: dict[str, Any] = {}
    rest = list(extra)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--") or word == "--":
            raise BadInput(f"{word!r} is not an option; write it like --seeds 3")
        key, equals, value = word[2:].partition("=")
        if not equals and rest and not rest[0].startswith("--"):
            equals, value = "=", rest.pop(0)
        chosen[key.replace("-", "_")] = literal(value) if equals else True
    return chosen


def _arguments(name: str, function: Callable[..., Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the function is called with; a quick look is small where it has no such option of its own."""
    takes = inspect.signature(function).parameters
    arguments = dict(chosen)
    if QUICK in arguments and QUICK not in takes and arguments.pop(QUICK):
        arguments = {**SMALL.get(name, {}), **arguments}
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError as error:
        known = ", ".join(map(_flag, {**takes, QUICK: None}))
        raise BadInput(f"bench {name}: {error}; it takes {known}") from error
    return arguments


def _flag(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _keep(result: Result, runs: Path) -> None:
    """Store a result; one that cannot be stored is still told."""
    try:
        ResultStore(runs).keep(result)
    except OSError as error:
        sys.stderr.write(f"{runs}: the result could not be kept ({error.strerror}); it is only printed\n")
