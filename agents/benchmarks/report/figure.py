"""One benchmark result: value, target, and the control without the method."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Verdict = Literal["holds", "fails", "reported"]
_GOAL = re.compile(r"(?P<comparison>[≥≤<>=]?) ?(?P<bound>-?\d[\d.,]*(e[+-]?\d+)?)")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; with a goal it is a claim, without one it only informs."""

    name: str
    value: float | None
    """None or NaN where there is no such number, as of a score that was never reached."""
    unit: str
    goal: str = ""
    """What was promised, such as `≥ 2`; empty for numbers that only inform."""
    holds: bool = True
    """Whether the goal is reached."""
    source: str = ""
    """How it was measured, or who published it."""
    low: float | None = None
    """Where the interval of 95% begins, if the number is a mean over seeds."""
    high: float | None = None
    """Where it ends."""
    control: float | None = None
    """The number of the control in the same measurement."""
    against: str = ""
    """What the control is, such as `random play`."""

    @property
    def measured(self) -> tuple[str, str]:
        """The number with its unit, and its interval, as a table shows them."""
        interval = "" if self.low is None else f"[{number(self.low, 3)}, {number(self.high, 3)}]"
        return f"{number(self.value)} {self.unit}".rstrip(), interval

    @property
    def controlled(self) -> tuple[str, str]:
        """The control's number, and what it is; empty if there is none."""
        return ("", "") if self.control is None else (number(self.control), self.against)

    def beside(self, control: float | None, against: str) -> Figure:
        """Return the same figure with its control."""
        return replace(self, control=control, against=against)

    @property
    def verdict(self) -> Verdict:
        """Whether the goal is reached, or that there is none."""
        if not self.goal:
            return "reported"
        return "holds" if self.holds else "fails"

    @property
    def bound(self) -> tuple[str, float] | None:
        """Return the goal as a comparison and a number; None if there is none, or it is in other words."""
        match = _GOAL.fullmatch(self.goal)
        # nothing is raised here: what took hours to measure must not be lost to a word
        return (match["comparison"] or "=", float(match["bound"].replace(",", ""))) if match else None


def at_most(name: str, value: float, unit: str, bound: float, source: str = "", *, form: str = "g") -> Figure:
    """Return the claim that a number is `bound` or less; `form` says how the bound is written."""
    return Figure(name, value, unit, f"≤ {bound:{form}}", value <= bound, source)


def at_least(name: str, value: float, unit: str, bound: float, source: str = "", *, form: str = "g") -> Figure:
    """Return the claim that a number is `bound` or more; `form` says how the bound is written."""
    return Figure(name, value, unit, f"≥ {bound:{form}}", value >= bound, source)


def none_of(name: str, count: int, source: str, unit: str = "") -> Figure:
    """Return the claim that something never happened."""
    return Figure(name, count, unit, "0", not count, source)


def number(value: float | None, digits: int = 4) -> str:
    """Return a number with so many digits, thousands in groups: `0.9123`, `8,192`; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.{digits}g}"


def verdict(figures: tuple[Figure, ...]) -> Verdict:
    """Return what they say together: one that fails fails all."""
    said = {figure.verdict for figure in figures}
    return "fails" if "fails" in said else "holds" if "holds" in said else "reported"
