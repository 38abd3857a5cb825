"""How a verdict looks: a tick, a cross or a dash, each in its own colour, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import qtawesome
from PySide6.QtGui import QIcon

from agents.benchmarks.report.figure import Verdict
from widgets.style import theme


@dataclass(frozen=True, slots=True)
class VerdictMark:
    """A shape, a colour and words; without a colour it is as quiet as other remarks."""

    icon: str
    words: str
    colour: str = ""


MARKS: Mapping[Verdict | None, VerdictMark] = {
    "holds": VerdictMark("ph.check-circle-fill", "Holds", theme.PASSED),
    "fails": VerdictMark("ph.x-circle-fill", "Does not hold", theme.FAILED),
    "reported": VerdictMark("ph.minus-circle", "Only reported"),
    None: VerdictMark("ph.circle-dashed", "Not measured yet"),
}


def verdict_icon(verdict: Verdict | None) -> QIcon:
    """Return the mark of a verdict, drawn for a card."""
    mark = MARKS[verdict]
    drawn: QIcon = qtawesome.icon(mark.icon, color=mark.colour or theme.current().quiet)
    return drawn
