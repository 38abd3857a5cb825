"""Stored runs as a table on the terminal, fitted to its width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.runtime.escaping import visible_name
from app.cli.table_cells import cell

ELIDED: Mapping[str, int] = {"name": 16, "run": 24}
"""Columns that are shortened if the terminal is narrow, and their least width; commands find a run by a prefix."""
REQUIRED = ("run", "name", "steps", "average", "state")
"""Columns that are always shown."""
OPTIONAL = ("strategy", "seed", "forgetting", "learned", "algorithm", "model", "tags", "note", "parent", "created")
"""Columns that are shown in this order as far as they fit."""
_GAP = 2


def show_runs(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print one line per run; `--json` prints every field."""
    if not rows:
        console.print("nothing yet")
        return
    cells = {key: [_cell(row[key]) for row in rows] for key in (*REQUIRED, *OPTIONAL)}
    widths = {key: max(map(cell_len, (key, *column))) for key, column in cells.items()}
    shown = _fitting(
        widths, console.width, {key for key in OPTIONAL if any(row[key] not in ("", None, []) for row in rows)}
    )
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False)
    for key in shown:
        table.add_column(key, no_wrap=True, justify="right" if key in ("steps", "average") else "left")
    for index in range(len(rows)):
        table.add_row(*(escape(elided(cells[key][index], shown[key], at_end=key == "run")) for key in shown))
    console.print(table)


def elided(text: str, width: int, *, at_end: bool = False) -> str:
    """Return `text` in at most `width` terminal cells, with an ellipsis for its middle, or for its end."""
    if cell_len(text) <= width:
        return text
    last = 0 if at_end else (width - 1) // 3
    return chop_cells(text, width - 1 - last)[0] + "…" + (chop_cells(text[::-1], last)[0][::-1] if last else "")


def _fitting(widths: Mapping[str, int], width: int, known: set[str]) -> dict[str, int]:
    """Return the columns that fit, and the width of each in terminal cells."""
    chosen = {key: min(widths[key], ELIDED.get(key, widths[key])) for key in REQUIRED}
    left = width - sum(chosen.values()) - _GAP * (len(chosen) - 1)
    for key in ELIDED:  # first whole names, then more columns
        extra = max(min(widths[key] - chosen[key], left), 0)
        chosen[key] += extra
        left -= extra
    for key in (key for key in OPTIONAL if key in known):
        if widths[key] + _GAP > left:
            break
        chosen[key] = widths[key]
        left -= widths[key] + _GAP
    return chosen


def _cell(value: Any) -> str:
    return visible_name(", ".join(map(str, value)) if isinstance(value, list) else cell(value))
