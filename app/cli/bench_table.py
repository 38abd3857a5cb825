"""Benchmark results as a table on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Result
from app.cli.bench import FailedBenchmark

MARKS: Mapping[str, str] = {"holds": "✓", "fails": "✗", "reported": "·"}


def show_results(console: Console, results: Sequence[Result | FailedBenchmark]) -> None:
    """Print one row per figure, then the benchmarks that failed and the totals."""
    show_names = len(results) > 1
    table = Table()
    for title in (*(("benchmark",) if show_names else ()), "", "what", "figure", "goal", "control", "how"):
        table.add_column(title, overflow="fold")
    for result in results:
        if isinstance(result, Result):
            for figure in result.figures:
                table.add_row(*((result.name,) if show_names else ()), *map(escape, _row(figure)))
            table.add_section()
    console.print(table)
    for result in results:
        if isinstance(result, FailedBenchmark):
            console.print(f"✗ {result.name}: {result.reason}", markup=False)
    console.print(_totals(results), markup=False)


def all_to_json(results: Sequence[Result | FailedBenchmark]) -> dict[str, Any]:
    """Return the results of `bench all` as JSON data."""
    return {
        "name": "all",
        "verdict": "fails" if has_failed(results) else "holds",
        "seconds": sum(result.seconds for result in results if isinstance(result, Result)),
        "results": [result.to_json() for result in results if isinstance(result, Result)],
        "broken": {result.name: result.reason for result in results if isinstance(result, FailedBenchmark)},
    }


def has_failed(results: Sequence[Result | FailedBenchmark]) -> bool:
    """Return whether a claim fails, or a benchmark ended without a result."""
    return any(isinstance(result, FailedBenchmark) or result.verdict == "fails" for result in results)


def _row(figure: Figure) -> tuple[str, ...]:
    measured, control = " ".join(figure.measured), " ".join(figure.controlled)
    return (MARKS[figure.verdict], figure.name, measured.strip(), figure.goal, control.strip(), figure.source)


def _totals(results: Sequence[Result | FailedBenchmark]) -> str:
    measured = [result for result in results if isinstance(result, Result)]
    claims = sorted(figure.verdict for result in measured for figure in result.claims)
    counts = {verdict: len(list(group)) for verdict, group in groupby(claims)}
    seconds = sum(result.seconds for result in measured)
    verdict = f"{counts.get('holds', 0)} of {len(claims)} claims hold" if claims else "no figure has a goal"
    return f"{verdict}; {seconds:,.1f} s"
