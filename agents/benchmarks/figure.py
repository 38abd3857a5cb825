"""What a benchmark returns: a number, the goal it is held against, and where the goal comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number."""

    name: str
    value: float
    unit: str
    goal: str = ""
    """What was promised, such as `≥ 2`; empty for numbers that only inform."""
    holds: bool = True
    """Whether the goal is reached."""
    source: str = ""
    """How it was measured, or who published it."""
