"""One benchmark result: value, target, and the control without the method."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from agents.analysis.statistics import Estimate

Verdict = Literal["holds", "fails", "reported"]
_GOAL = re.compile(r"(?P<comparison>[≥≤<>=]?) ?(?P<bound>-?\d[\d.,]*(e[+-]?\d+)?)")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: a claim if it has a goal, otherwise information."""

    name: str
    value: float | None
    """None or NaN if the quantity is undefined, such as the steps to a score that was never reached."""
    unit: str
    goal: str = ""
    """The target, such as `≥ 2`; empty if there is none."""
    holds: bool = True
    """Whether the goal is met."""
    source: str = ""
    """How it was measured, or where it was published."""
    low: float | None = None
    """Lower bound of the 95% confidence interval, if the value is a mean over seeds."""
    high: float | None = None
    """Upper bound of that interval."""
    control: float | None = None
    """Value of the control in the same measurement."""
    against: str = ""
    """Description of the control, such as `random play`."""

    @property
    def measured(self) -> tuple[str, str]:
        """The value with its unit, and the interval, as table cells."""
        interval = "" if self.low is None else f"[{number(self.low, 3)}, {number(self.high, 3)}]"
        return f"{number(self.value)} {self.unit}".rstrip(), interval

    @property
    def controlled(self) -> tuple[str, str]:
        """The control's value and description as table cells; empty if there is none."""
        return ("", "") if self.control is None else (number(self.control), self.against)

    def beside(self, control: float | None, against: str) -> Figure:
        """Return the same figure with its control."""
        return replace(self, control=control, against=against)

    def with_interval(self, low: float | None, high: float | None) -> Figure:
        """Return the same figure with the confidence interval [low, high], if there is one."""
        return replace(self, low=low, high=high)

    @property
    def verdict(self) -> Verdict:
        """`holds` or `fails` for a claim, `reported` without a goal."""
        if not self.goal:
            return "reported"
        return "holds" if self.holds else "fails"

    @property
    def bound(self) -> tuple[str, float] | None:
        """The goal as comparison and number; None if there is no goal or it is not of that form."""
        match = _GOAL.fullmatch(self.goal)
        # never raise here: a goal in words must not discard a measurement of hours
        return (match["comparison"] or "=", float(match["bound"].replace(",", ""))) if match else None


def at_most(name: str, value: float, unit: str, bound: float, source: str = "", *, form: str = "g") -> Figure:
    """Return the claim `value <= bound`; `form` is the format of the bound in the goal."""
    return Figure(name, value, unit, f"≤ {bound:{form}}", value <= bound, source)


def at_least(name: str, value: float, unit: str, bound: float | None, source: str = "", *, form: str = "g") -> Figure:
    """Return the claim `value >= bound`, or a figure without a goal if `bound` is None."""
    if bound is None:
        return Figure(name, value, unit, source=source)
    return Figure(name, value, unit, f"≥ {bound:{form}}", value >= bound, source)


def mean_at_least(name: str, mean: Estimate, unit: str, bound: float | None, source: str = "") -> Figure:
    """Return the claim that a mean over runs is at least `bound`: its whole 95% interval must be. None: no claim."""
    figure = at_least(name, mean.value, unit, bound, source)
    figure = replace(figure, holds=bound is None or mean.is_at_least(bound))
    return figure.with_interval(mean.low, mean.high)


def none_of(name: str, count: int, source: str, unit: str = "") -> Figure:
    """Return the claim that `count` is 0."""
    return Figure(name, count, unit, "0", not count, source)


def all_of(name: str, count: int, total: int, source: str = "") -> Figure:
    """Return the claim that `count` of `total` is all of them, and not 0."""
    return Figure(name, count, f"of {total}", f"{total}", 0 < count == total, source)


def number(value: float | None, digits: int = 4) -> str:
    """Format a number with `digits` significant digits, from 1,000 on as an integer; a dash for None."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.{digits}g}"


def verdict(figures: tuple[Figure, ...]) -> Verdict:
    """Return the verdict over several figures: `fails` if one fails, `reported` if none has a goal."""
    verdicts = {figure.verdict for figure in figures}
    return "fails" if "fails" in verdicts else "holds" if "holds" in verdicts else "reported"
