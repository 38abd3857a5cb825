"""A map of what an agent knows: sentences that mean alike lie side by side."""

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

_LEAST, _MOST = 6.0, 26.0
"""Pixels across a sentence that was never used, and at most."""
_READ_OUT = 5
"""Sentences that lie on top of each other and are read out at once."""
_OPACITY = 170


class KnowledgeMap(QWidget):
    """A dot a sentence, in its task's colour, the larger the more it is used, hollow if it is refuted.

    Signals:
        picked: int, the number of the sentence that was pressed.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[KnowledgeEntry] = ()
        self._places: Mapping[int, tuple[float, float]] = {}
        self._chosen: int | None = None
        self._is_moved = False
        # pyqtgraph has no types: what is of it is Any
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
        self.dots.sigHovered.connect(self._read_out)
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
        self, entries: Sequence[KnowledgeEntry], places: Mapping[int, tuple[float, float]], names: Sequence[TaskName]
    ) -> None:
        """Show the sentences that have a place, in the colours of the tasks' `names`; none is chosen."""
        self._entries = [entry for entry in entries if entry.id in places]
        self._places, self._names = places, names
        self._draw()
        self.choose(None)
        self.fit()

    def choose(self, id_: int | None) -> None:
        """Draw a ring around a sentence."""
        self._chosen = id_
        place = None if id_ is None else self._places.get(id_)
        self._ring.setData(pos=[] if place is None else [place])

    def fit(self) -> None:
        """Show all of it, unless the person has moved away."""
        if not self._entries or self._is_moved:
            return
        places = np.array([self._places[entry.id] for entry in self._entries])
        low, high = places.min(axis=0), places.max(axis=0)
        self._view.setRange(xRange=(low[0], high[0]), yRange=(low[1], high[1]), padding=0.08, disableAutoRange=True)

    def retranslate(self) -> None:
        """Write every text again."""
        self._legend.setText(tr("Alike lies near. Colour: task; size: how often used; hollow: refuted."))
        self.canvas.setAccessibleName(tr("Map of what is known"))
        self.canvas.setToolTip("")

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self._ring.setSize(_MOST)
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
            pos=np.array([self._places[entry.id] for entry in self._entries]).reshape(-1, 2),
            size=np.array([size_of(entry.uses) for entry in self._entries]),
            symbol=["d" if is_hatched else "o" for is_hatched in hatched],
            pen=[pen for pen, _ in styles],
            brush=[brush for _, brush in styles],
            data=list(self._entries),
        )

    def _read_out(self, _: object, points: Sequence[Any]) -> None:
        said = [point.data().sentence for point in points]
        rest = len(said) - _READ_OUT
        lines = [*map(escape, said[:_READ_OUT]), *([tr("and {number} more", number=rest)] if rest > 0 else [])]
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
    """Return how many pixels across a sentence is that was used so often; whole ones, as each size is drawn once."""
    return min(_LEAST + round(2.0 * float(np.log2(1 + uses))), _MOST)


def _style(hue: int | None, is_hollow: bool) -> tuple[QPen, QBrush]:
    pen = task_pen(hue, opacity=_OPACITY)
    pen.setStyle(Qt.PenStyle.SolidLine)
    return pen, QBrush(Qt.BrushStyle.NoBrush) if is_hollow else QBrush(pen.color())
