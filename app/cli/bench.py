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
from agents.benchmarks.report.result import Result, findings, parse, without_goals
from agents.benchmarks.report.result_store import ResultStore
from agents.errors import BadInput
from agents.registry import BENCHMARKS
from app.cli.run import parse_literal
from app.proof.catalogue import QUICK, RUNS, entries
from envs.task import suggestion


@dataclass(frozen=True, slots=True)
class FailedBenchmark:
    """A benchmark that ended without a result, and why."""

    name: str
    reason: str


def measure(name: str, extra: Sequence[str], runs: Path) -> Result:
    """Run a benchmark with the command-line options `extra`; store its result in `runs`, unless one is `--quick`.

    Raises `BadInput` for an unknown benchmark or a bad option.
    """
    if name not in BENCHMARKS:
        raise BadInput(f"unknown benchmark {name!r}{suggestion(name, [*BENCHMARKS, 'all'])}")
    function = resolve_name(BENCHMARKS[name])
    chosen = options(extra)
    is_quick = bool(chosen.get(QUICK))
    arguments = _arguments(name, function, chosen)
    if RUNS in inspect.signature(function).parameters:
        arguments[RUNS] = runs
    started = perf_counter()
    data = findings(function(**arguments))
    result = Result(
        name=name,
        options=" ".join(extra),
        measured=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(perf_counter() - started, 2),
        figures=without_goals(data.figures) if is_quick else data.figures,
        charts=data.charts,
    )
    if not is_quick:
        _store(result, runs)
    return result


def measure_all(extra: Sequence[str], runs: Path) -> Iterator[Result | FailedBenchmark]:
    """Run every benchmark in a process of its own; a failure does not stop the others.

    Each receives those of the options that it accepts. Raises `BadInput` for an option that none accepts.
    """
    chosen, known = options(extra), entries()
    for key in chosen:
        if not any(key in entry.options for entry in known):
            raise BadInput(
                f"bench all: no benchmark takes --{key.replace('_', '-')}; `list benchmarks` shows the options of each"
            )
    for entry in known:
        command = [sys.executable, "-m", "app", "bench", entry.name, "--json", "--runs", str(runs)]
        command += [f"{_flag(key)}={value}" for key, value in chosen.items() if key in entry.options]
        process = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        try:
            yield parse(process.stdout)
        except ValueError:
            yield FailedBenchmark(entry.name, f"no result, exit code {process.returncode}; its output is above")


def options(extra: Sequence[str]) -> dict[str, Any]:
    """Parse `--key value`, `--key=value` and `--flag` into keyword arguments. Raises `BadInput`."""
    chosen: dict[str, Any] = {}
    rest = list(extra)
    while rest:
        argument = rest.pop(0)
        if not argument.startswith("--") or argument == "--":
            raise BadInput(f"{argument!r} is not an option; write it like --seeds 3")
        key, equals, value = argument[2:].partition("=")
        if not equals and rest and not rest[0].startswith("--"):
            equals, value = "=", rest.pop(0)
        chosen[key.replace("-", "_")] = parse_literal(value) if equals else True
    return chosen


def _arguments(name: str, function: Callable[..., Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the function's keyword arguments; `--quick` becomes a small budget where it is not a parameter."""
    parameters = inspect.signature(function).parameters
    arguments = dict(chosen)
    if QUICK in arguments and QUICK not in parameters and arguments.pop(QUICK):
        arguments = {**SMALL.get(name, {}), **arguments}
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError as error:
        known = ", ".join(map(_flag, {**parameters, QUICK: None}))
        raise BadInput(f"bench {name}: {error}; it takes {known}") from error
    return arguments


def _flag(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _store(result: Result, runs: Path) -> None:
    """Store a result; warn on stderr if that fails, since the result can still be printed."""
    try:
        ResultStore(runs).keep(result)
    except OSError as error:
        sys.stderr.write(f"{runs}: the result could not be stored ({error.strerror}); it is only printed\n")
