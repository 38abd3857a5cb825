"""The learning curves of a benchmark: means over seeds, with confidence bands."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.analysis.statistics import band
from agents.benchmarks.report.chart import Chart, Series
from widgets.plots.curve import curve
from widgets.plots.plot import Plot
from widgets.style import theme
from widgets.style.numbers import short_count
from widgets.style.panel_style import GAP, flat_combo, quiet_label, row
from widgets.style.translation import tr

_SHADE = 50
"""Opacity of a band, of 255."""
_SAMPLES = {
    Qt.PenStyle.SolidLine: "━━",
    Qt.PenStyle.DashLine: "╌╌",
    Qt.PenStyle.DotLine: "· · ·",
    Qt.PenStyle.DashDotLine: "━ ·",
}
"""Text samples of the line styles for the legend."""
_CONTROLS = (Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
"""Line styles of controls."""


class ProofCurves(QWidget):
    """Shows one of a benchmark's charts; controls are dashed or dotted lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._charts: tuple[Chart, ...] = ()
        self._items: list[Any] = []
        self.choice = flat_combo()
        self.choice.currentIndexChanged.connect(self._redraw)
        self.legend = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self.axes = quiet_label()
        self.plot = Plot(short_count)
        self.plot.fitted.connect(self._fit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(row(self.choice, None, self.axes))
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)

    def show_charts(self, charts: tuple[Chart, ...]) -> None:
        """Set the charts, and show the first one."""
        if charts == self._charts:
            return
        self._charts = charts
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItems([chart.title for chart in charts])
        self.choice.blockSignals(False)
        self._redraw()

    def restyle(self) -> None:
        """Apply the theme's colours."""
        self.plot.restyle()
        self._redraw()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.choice.setAccessibleName(tr("Which curves to show"))
        self.plot.canvas.setAccessibleName(tr("Learning curves"))

    @property
    def _chart(self) -> Chart | None:
        index = self.choice.currentIndex()
        return self._charts[index] if 0 <= index < len(self._charts) else None

    def _redraw(self) -> None:
        for item in self._items:
            self.plot.remove(item)
        self._items.clear()
        self.legend.clear()
        self.axes.clear()
        if (chart := self._chart) is None:
            return
        colours = _colours(chart)
        for series in chart.series:
            self._draw(series, colours[series.name], _line(chart, series))
        self.legend.setText("&nbsp;&nbsp; ".join(_key(chart, series, colours[series.name]) for series in chart.series))
        self.axes.setText(tr("{y} over {x}", y=chart.y_label, x=chart.x_label))
        self.plot.is_moved = False
        self._fit()

    def _draw(self, series: Series, colour: QColor, line_style: Qt.PenStyle) -> None:
        x, mean, low, high = _bands(series)
        pen = pg.mkPen(colour, width=2, style=line_style)
        shade = QColor(colour)
        shade.setAlpha(_SHADE)
        lower, upper = (pg.PlotCurveItem(x, y, pen=None) for y in (low, high))
        interval = pg.FillBetweenItem(lower, upper, brush=shade)
        line = curve(x, mean, pen=pen, antialias=True)
        for item, depth in ((interval, 1), (line, 10)):
            item.setZValue(depth)
            self.plot.add(item)
            self._items.append(item)

    def _fit(self) -> None:
        if (chart := self._chart) is not None:
            values = [value for series in chart.series for run in series.runs for value in run]
            self.plot.set_x_range(
                min(series.x[0] for series in chart.series), max(series.x[-1] for series in chart.series)
            )
            self.plot.set_y_range(min(values), max(values))


def _bands(series: Series) -> tuple[Any, Any, Any, Any]:
    """Return x, the mean, and the lower and upper ends of its interval, (N,) each; N is the shortest run's length."""
    length = min(map(len, series.runs))
    runs = np.array([run[:length] for run in series.runs], dtype=float)  # (seeds, N)
    return np.array(series.x[:length]), runs.mean(axis=0), *band(runs)


def _colours(chart: Chart) -> dict[str, QColor]:
    """Return a colour per learner, and grey for controls."""
    grey = QColor(theme.current().quiet)
    learners = _learners(chart)
    return {s.name: grey if s.is_control else theme.task_colour(learners.index(s.name)) for s in chart.series}


def _line(chart: Chart, series: Series) -> Qt.PenStyle:
    """Return the line style: solid, unless the series is a control or its colour is already used."""
    if series.is_control:
        controls = [other.name for other in chart.series if other.is_control]
        return _CONTROLS[controls.index(series.name) % len(_CONTROLS)]
    is_repeated = theme.is_hatched(_learners(chart).index(series.name))
    return Qt.PenStyle.DashDotLine if is_repeated else Qt.PenStyle.SolidLine


def _learners(chart: Chart) -> list[str]:
    return [series.name for series in chart.series if not series.is_control]


def _key(chart: Chart, series: Series, colour: QColor) -> str:
    line = _SAMPLES[_line(chart, series)]
    return f'<span style="color:{colour.name()}">{line}</span> {escape(series.name)}'
