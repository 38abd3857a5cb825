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
from app.cli.bench import Broken

MARKS: Mapping[str, str] = {"holds": "✓", "fails": "✗", "reported": "·"}


def show_results(console: Console, results: Sequence[Result | Broken]) -> None:
    """Print a row a figure, and what did not come to a result below."""
    named = len(results) > 1
    table = Table()
    for title in (*(("benchmark",) if named else ()), "", "what", "figure", "goal", "control", "how"):
        table.add_column(title, overflow="fold")
    for result in results:
        if isinstance(result, Result):
            for figure in result.figures:
                table.add_row(*((result.name,) if named else ()), *map(escape, _row(figure)))
            table.add_section()
    console.print(table)
    for result in results:
        if isinstance(result, Broken):
            console.print(f"✗ {result.name}: {result.reason}", markup=False)
    console.print(_sum(results), markup=False)


def all_to_json(results: Sequence[Result | Broken]) -> dict[str, Any]:
    """Return what all benchmarks found as JSON data."""
    return {
        "name": "all",
        "verdict": "fails" if has_failed(results) else "holds",
        "seconds": sum(result.seconds for result in results if isinstance(result, Result)),
        "results": [result.to_json() for result in results if isinstance(result, Result)],
        "broken": {result.name: result.reason for result in results if isinstance(result, Broken)},
    }


def has_failed(results: Sequence[Result | Broken]) -> bool:
    """Whether a claim fails, or a benchmark came to no result."""
    return any(isinstance(result, Broken) or result.verdict == "fails" for result in results)


def _row(figure: Figure) -> tuple[str, ...]:
    measured, control = " ".join(figure.measured), " ".join(figure.controlled)
    return (MARKS[figure.verdict], figure.name, measured.strip(), figure.goal, control.strip(), figure.source)


def _sum(results: Sequence[Result | Broken]) -> str:
    measured = [result for result in results if isinstance(result, Result)]
    claims = sorted(figure.verdict for result in measured for figure in result.claims)
    counts = {verdict: len(list(group)) for verdict, group in groupby(claims)}
    seconds = sum(result.seconds for result in measured)
    told = f"{counts.get('holds', 0)} of {len(claims)} claims hold" if claims else "nothing was promised"
    return f"{told}; {seconds:,.1f} s"
