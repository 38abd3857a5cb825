"""Learning curves on held-out tasks of a family, with and without meta-learning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.events import Adapted
from widgets.plots.curve import curve
from widgets.plots.plot import FAINT, Plot
from widgets.style import theme
from widgets.style.numbers import score, short_count
from widgets.style.panel_style import GAP
from widgets.style.translation import tr


class AdaptationCurves(QWidget):
    """A faint line per task, their mean on top, and the untrained agent's mean as a dashed line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._adaptations: list[Adapted] = []
        self._items: list[Any] = []
        self._summary = QLabel(wordWrap=True)
        self._summary.setProperty("quiet", True)
        self.plot = Plot(short_count)
        self.plot.set_y_range(0, 1)
        self.plot.fitted.connect(self._fit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self._summary)
        layout.addWidget(self.plot, 1)

    def draw(self, adaptations: Sequence[Adapted]) -> None:
        """Show the adaptations of the newest stage that has any."""
        newest = max((item.index for item in adaptations), default=None)
        shown = [item for item in adaptations if item.index == newest]
        if shown != self._adaptations:
            self._adaptations = shown
            self._redraw()

    def restyle(self) -> None:
        """Apply the theme's colours."""
        self.plot.restyle()
        self._redraw()

    def set_name(self, name: str) -> None:
        """Set the plot's accessible name, and the summary."""
        self.plot.canvas.setAccessibleName(name)
        self._summary.setText(self._sentence())

    def _redraw(self) -> None:
        for item in self._items:
            self.plot.remove(item)
        self._items.clear()
        self._summary.setText(self._sentence())
        if not (shown := self._adaptations):
            return
        colours = theme.current()
        episodes = np.array(shown[0].episodes, dtype=float)
        for item in shown:
            self._curve(np.array(item.episodes, dtype=float), item.scores, _faint(colours.accent))
        control = pg.mkPen(colours.quiet, width=1)
        control.setDashPattern([6, 4])
        self._curve(episodes, np.mean([item.control for item in shown], axis=0), control)
        self._curve(episodes, np.mean([item.scores for item in shown], axis=0), pg.mkPen(colours.accent, width=2))
        self._fit()

    def _curve(self, x: Any, y: Any, pen: Any) -> None:
        item = curve(x, np.asarray(y, dtype=float), pen=pen, antialias=True)
        self.plot.add(item)
        self._items.append(item)

    def _fit(self) -> None:
        if self._adaptations:
            self.plot.set_x_range(0, float(self._adaptations[0].episodes[-1]))

    def _sentence(self) -> str:
        if not (shown := self._adaptations):
            return ""
        return tr(
            "On {number} held-out tasks: {first} at once, {last} after {episodes} episodes; "
            "an untrained agent reaches {control}.",
            number=len(shown),
            first=score(float(np.mean([item.scores[0] for item in shown]))),
            last=score(float(np.mean([item.scores[-1] for item in shown]))),
            episodes=shown[0].episodes[-1],
            control=score(float(np.mean([item.control[-1] for item in shown]))),
        )


def _faint(colour: str) -> Any:
    pen = pg.mkPen(colour, width=1, style=Qt.PenStyle.SolidLine)
    faint = pen.color()
    faint.setAlpha(FAINT)
    pen.setColor(faint)
    return pen
