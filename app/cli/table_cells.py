"""Format values for tables on the terminal."""

from __future__ import annotations

from typing import Any


def cell(value: Any) -> str:
    """Format a value for a table cell."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)
