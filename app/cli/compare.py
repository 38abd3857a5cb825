"""`compare`: compare several runs over seeds, by published metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.analysis.comparison import ComparedRun, compare
from agents.analysis.definitions import FAMILIES
from agents.errors import BadInput
from agents.store.run_store import RunStore

INTERVALS = (
    "means over runs with 95% intervals: Student's t over the means of the runs, above 10 runs the bootstrap over "
    "whole runs; a run that never reached the score counts with the steps of the stage"
)


def compare_runs(store: RunStore, names: Sequence[str], experts: Sequence[str], level: float) -> dict[str, Any]:
    """Compare the named runs by every published metric. Raises `BadInput` if they can't be compared."""
    try:
        return compare(_load(store, names), _load(store, experts), level)
    except ValueError as error:
        raise BadInput(str(error)) from error


def _load(store: RunStore, names: Sequence[str]) -> list[ComparedRun]:
    found = {run.id: run for run in map(store.find, names)}  # a run that is named twice counts once
    return [ComparedRun(run.id, run.story()) for run in found.values()]


def show_comparison(console: Console, data: dict[str, Any]) -> None:
    """Print one column per group of equal settings and one row per metric, then the differences between groups."""
    groups = [escape(f"{group['name']} ×{len(group['runs'])}") for group in data["groups"]]
    table = Table("definition", "number", *groups)
    for key in ("learned", "final"):
        table.add_row("every task", key, *(_cell(group[key]) for group in data["groups"]))
    for family in FAMILIES:
        for row in family.rows:
            cells = (_cell(group["families"][family.key][row.key]) for group in data["groups"])
            table.add_row(family.title, row.key, *cells)
    for index, task in enumerate(data["tasks"]):
        cells = (_cell(group["steps_to_level"][index], "{:,.0f}") for group in data["groups"])
        table.add_row(f"steps to {data['level']:g}", escape(task), *cells)
    console.print(table)
    console.print(INTERVALS)
    for note in data["notes"]:
        console.print(f"no comparison with experts: {note}", markup=False)
    for pair in data["pairs"]:
        gap, chance = _cell(pair["difference"]), _cell(pair["improvement"])
        how = f"{len(pair['paired_seeds'])} paired seeds" if pair["paired_seeds"] else "independent seeds"
        console.print(f"{pair['of']} − {pair['over']}, final score: {gap}, {how}; better in {chance}", markup=False)


def _cell(number: dict[str, Any] | None, form: str = "{:.2f}") -> str:
    if number is None:
        return "–"
    value = form.format(number["value"])
    if "reached" in number and number["reached"] < number["runs"]:
        value = f"{value}, reached by {number['reached']} of {number['runs']}"
    if number["low"] is None:
        return f"{value} (one run)"
    return f"{value} ({form.format(number['low'])} to {form.format(number['high'])})"
