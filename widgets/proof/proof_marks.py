"""Icon, colour and text of every verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import qtawesome
from PySide6.QtGui import QIcon

from agents.benchmarks.report.figure import Verdict
from widgets.style import theme


@dataclass(frozen=True, slots=True)
class VerdictMark:
    """Icon, text and colour of a verdict; without a colour, that of secondary text."""

    icon: str
    text: str
    colour: str = ""


MARKS: Mapping[Verdict | None, VerdictMark] = {
    "holds": VerdictMark("ph.check-circle-fill", "Holds", theme.PASSED),
    "fails": VerdictMark("ph.x-circle-fill", "Does not hold", theme.FAILED),
    "reported": VerdictMark("ph.minus-circle", "Only reported"),
    None: VerdictMark("ph.circle-dashed", "Not measured yet"),
}


def verdict_icon(verdict: Verdict | None) -> QIcon:
    """Return the icon of a verdict."""
    mark = MARKS[verdict]
    drawn: QIcon = qtawesome.icon(mark.icon, color=mark.colour or theme.current().quiet)
    return drawn
