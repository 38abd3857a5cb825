"""Line styles of overlaid runs: a dash pattern and a lightness, because the hue identifies the task."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPen

from widgets.plots.plot import task_pen
from widgets.style import theme
from widgets.style.panel_style import blend

_STYLES: tuple[tuple[tuple[int, ...], float], ...] = (
    ((6, 3), 0.0),
    ((1, 3), 0.45),
    ((10, 3, 1, 3), 0.25),
    ((3, 2), 0.65),
    ((10, 3, 1, 3, 1, 3), 0.0),
    ((14, 5), 0.45),
)
"""Dashes and gaps, in line widths, and the share of the text colour that is blended into the line's."""
_WIDTH = 1.5


def run_pen(index: int, hue: int | None) -> QPen:
    """Return the pen of an overlaid run, by its index, in a task's colour."""
    dashes, share = _STYLES[index % len(_STYLES)]
    return _dashed(task_pen(hue, _WIDTH), dashes, share)


def sample_pen(index: int) -> QPen:
    """Return the pen of an overlaid run for the legend, without a task's colour."""
    dashes, share = _STYLES[index % len(_STYLES)]
    pen = task_pen(None, _WIDTH)
    pen.setColor(QColor(theme.current().quiet))
    return _dashed(pen, dashes, share)


def _dashed(pen: QPen, dashes: tuple[int, ...], share: float) -> QPen:
    pen.setColor(blend(pen.color(), theme.current().text, share))
    pen.setDashPattern([float(length) for length in dashes])
    return pen
