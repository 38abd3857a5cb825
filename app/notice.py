"""What the lab tells a person in passing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """A line that says what happened."""

    text: str
    is_problem: bool = False
