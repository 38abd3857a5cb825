"""Notices: short messages to the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cause = Literal["", "run", "plan"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of one line."""

    text: str
    is_problem: bool = False
    cause: Cause = ""
    """What it is about: the displayed run ("run") or the planned one ("plan"). It disappears when that changes."""
