"""Notices: short messages to the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cause = Literal["", "run", "plan"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A line that says what happened."""

    text: str
    is_problem: bool = False
    cause: Cause = ""
    """What it is about: what the run in front does, or what is planned. Once that is otherwise, it is gone."""
