"""Formats of numbers; an unknown number is a dash."""

from __future__ import annotations

UNKNOWN = "–"
_UNITS = ((1_000_000, "M"), (1_000, "k"))


def score(value: float | None) -> str:
    """Return a score with two decimals: `0.94`."""
    return UNKNOWN if value is None or value != value else f"{value:.2f}"


def signed(value: float) -> str:
    """Return a reward with its sign: `+1.00`."""
    return f"{value:+.2f}"


def count(number: int) -> str:
    """Return a whole number in groups of three: `41,208`."""
    return f"{number:,}"


def short_count(number: float) -> str:
    """Return a number of steps for an axis: `0`, `800`, `8k`, `1.5M`."""
    for size, unit in _UNITS:
        if abs(number) >= size:
            return f"{number / size:g}{unit}"
    return f"{number:g}"


def clock(seconds: float) -> str:
    """Return a duration for an axis: `0:05`, `2:30`, `1:02:30`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
