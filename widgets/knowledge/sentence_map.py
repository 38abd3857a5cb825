"""A map of knowledge sentences in two dimensions: similar meanings are close to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QCursor, QPen
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from agents.events import KnowledgeEntry
from widgets.plots.plot import task_pen
from widgets.style import theme
from widgets.style.panel_style import GAP, quiet_label
from widgets.style.task_names import TaskName, hue_of
from widgets.style.translation import tr

_MIN_SIZE, _MAX_SIZE = 6.0, 26.0
"""Diameter of the dot of a sentence that was never used, and the maximum, in pixels."""
_MAX_LINES = 5
"""Maximum number of overlapping sentences in a tooltip."""
_OPACITY = 170


class KnowledgeMap(QWidget):
    """Shows a dot per sentence, in its task's colour, larger the more it is used, hollow if it is refuted.

    Signals:
        picked: int, the id of the sentence that was clicked.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[KnowledgeEntry] = ()
        self._positions: Mapping[int, tuple[float, float]] = {}
        self._chosen: int | None = None
        self._is_moved = False
        # pyqtgraph is untyped, so its objects are Any
        self.canvas: Any = pg.PlotWidget(background=None)
        self.dots: Any = pg.ScatterPlotItem(hoverable=True, tip=None, pxMode=True)
        self._ring: Any = pg.ScatterPlotItem(pxMode=True, brush=None)
        self._legend = quiet_label(wraps=True)
        item = self.canvas.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        for axis in ("left", "bottom"):
            item.hideAxis(axis)
        self._view: Any = item.getViewBox()
        self._view.disableAutoRange()
        self._view.sigRangeChangedManually.connect(self._move)
        for drawn in (self.dots, self._ring):
            item.addItem(drawn, ignoreBounds=True)
        self.dots.sigHovered.connect(self._show_tooltip)
        self.dots.sigClicked.connect(self._pick)
        self._names: Sequence[TaskName] = ()
        scene: Any = self.canvas.scene()
        scene.sigMouseClicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self._legend)

    def show_sentences(
        self, entries: Sequence[KnowledgeEntry], positions: Mapping[int, tuple[float, float]], names: Sequence[TaskName]
    ) -> None:
        """Show the sentences that have a position (x, y), in the colours of the tasks' `names`; clear the selection."""
        self._entries = [entry for entry in entries if entry.id in positions]
        self._positions, self._names = positions, names
        self._draw()
        self.choose(None)
        self.fit()

    def choose(self, id_: int | None) -> None:
        """Draw a ring around a sentence; None removes it."""
        self._chosen = id_
        position = None if id_ is None else self._positions.get(id_)
        self._ring.setData(pos=[] if position is None else [position])

    def fit(self) -> None:
        """Show the whole map, unless the user has zoomed or panned."""
        if not self._entries or self._is_moved:
            return
        positions = np.array([self._positions[entry.id] for entry in self._entries])
        low, high = positions.min(axis=0), positions.max(axis=0)
        self._view.setRange(xRange=(low[0], high[0]), yRange=(low[1], high[1]), padding=0.08, disableAutoRange=True)

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._legend.setText(tr("Similar sentences are close. Colour: task; size: number of uses; hollow: refuted."))
        self.canvas.setAccessibleName(tr("Map of what is known"))
        self.canvas.setToolTip("")

    def restyle(self) -> None:
        """Apply the theme's colours."""
        self._ring.setSize(_MAX_SIZE)
        self._ring.setPen(pg.mkPen(theme.current().accent, width=2))
        self._draw()

    def _draw(self) -> None:
        hatched = [theme.is_hatched(hue_of(self._names, entry.task_id) or 0) for entry in self._entries]
        pens: dict[tuple[int | None, bool], tuple[QPen, QBrush]] = {}
        styles = []
        for entry in self._entries:
            key = (hue_of(self._names, entry.task_id), entry.standing == "refuted")
            if key not in pens:
                pens[key] = _style(*key)
            styles.append(pens[key])
        self.dots.setData(
            pos=np.array([self._positions[entry.id] for entry in self._entries]).reshape(-1, 2),
            size=np.array([size_of(entry.uses) for entry in self._entries]),
            symbol=["d" if is_hatched else "o" for is_hatched in hatched],
            pen=[pen for pen, _ in styles],
            brush=[brush for _, brush in styles],
            data=list(self._entries),
        )

    def _show_tooltip(self, _: object, points: Sequence[Any]) -> None:
        sentences = [point.data().sentence for point in points]
        rest = len(sentences) - _MAX_LINES
        lines = [*map(escape, sentences[:_MAX_LINES]), *([tr("and {number} more", number=rest)] if rest > 0 else [])]
        QToolTip.showText(QCursor.pos(), "<br>".join(lines), self.canvas)

    def _pick(self, _: object, points: Sequence[Any], *__: object) -> None:
        if len(points):
            self.picked.emit(points[-1].data().id)

    def _move(self, *_: object) -> None:
        self._is_moved = True

    def _clicked(self, event: Any) -> None:
        if event.double() and event.button() == Qt.MouseButton.LeftButton:
            self._is_moved = False
            self.fit()


def size_of(uses: int) -> float:
    """Return the diameter of a dot by the number of uses, in whole pixels: pyqtgraph caches a symbol per size."""
    return min(_MIN_SIZE + round(2.0 * float(np.log2(1 + uses))), _MAX_SIZE)


def _style(hue: int | None, is_hollow: bool) -> tuple[QPen, QBrush]:
    pen = task_pen(hue, opacity=_OPACITY)
    pen.setStyle(Qt.PenStyle.SolidLine)
    return pen, QBrush(Qt.BrushStyle.NoBrush) if is_hollow else QBrush(pen.color())
