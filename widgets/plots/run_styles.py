"""How runs that are laid over one another are told apart: hue means task, so a run is a pattern and a lightness."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPen

from widgets.plots.plot import task_pen
from widgets.style import theme
from widgets.style.panel_style import blend

_LOOKS: tuple[tuple[tuple[int, ...], float], ...] = (
    ((6, 3), 0.0),
    ((1, 3), 0.45),
    ((10, 3, 1, 3), 0.25),
    ((3, 2), 0.65),
    ((10, 3, 1, 3, 1, 3), 0.0),
    ((14, 5), 0.45),
)
"""Dashes and gaps, in widths of the line, and how far the colour is moved towards that of the text."""
_WIDTH = 1.5


def run_pen(place: int, hue: int | None) -> QPen:
    """Return the pen of the run laid over at `place`, in a task's colour."""
    dashes, share = _LOOKS[place % len(_LOOKS)]
    return _dashed(task_pen(hue, _WIDTH), dashes, share)


def sample_pen(place: int) -> QPen:
    """Return the same pen without a task, for a legend."""
    dashes, share = _LOOKS[place % len(_LOOKS)]
    pen = task_pen(None, _WIDTH)
    pen.setColor(QColor(theme.current().quiet))
    return _dashed(pen, dashes, share)


def _dashed(pen: QPen, dashes: tuple[int, ...], share: float) -> QPen:
    pen.setColor(blend(pen.color(), theme.current().text, share))
    pen.setDashPattern([float(length) for length in dashes])
    return pen
