"""Curves of the number of known and of refuted sentences over the run."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.story.knowledge import KnowledgeHistory
from widgets.plots.curve import curve
from widgets.plots.plot import Plot
from widgets.style import theme
from widgets.style.numbers import count, short_count
from widgets.style.panel_style import GAP, quiet_label
from widgets.style.translation import tr


class KnowledgeCurves(QWidget):
    """A solid line of all known sentences, a dashed line of the refuted ones, and the playhead."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known, self._step, self._is_past = KnowledgeHistory(), 0, False
        self._summary = quiet_label(wraps=True)
        self.plot = Plot(short_count)
        self.plot.fitted.connect(self._fit)
        self.known: Any = curve(antialias=True)
        self.refuted: Any = curve(antialias=True)
        self._playhead: Any = pg.InfiniteLine(angle=90)
        for item in (self.known, self.refuted, self._playhead):
            self.plot.add(item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self._summary)
        layout.addWidget(self.plot, 1)

    def show_counts(self, known: KnowledgeHistory, step: int, *, is_past: bool) -> None:
        """Show the whole run, and a marker at the playhead's step."""
        self._known, self._step, self._is_past = known, step, is_past
        steps = known.counts["step"]
        for name, item in (("known", self.known), ("refuted", self.refuted)):
            item.setData(steps.astype(float), known.counts[name].astype(float))
        self._playhead.setPos(step)
        self._playhead.setVisible(is_past)
        self._summary.setText(self._sentence())
        self._fit()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.plot.canvas.setAccessibleName(tr("What was known over the run"))
        self._summary.setText(self._sentence())

    def restyle(self) -> None:
        """Apply the theme's colours."""
        colours = theme.current()
        self.plot.restyle()
        self.known.setPen(pg.mkPen(colours.accent, width=2))
        self.refuted.setPen(pg.mkPen(colours.quiet, width=2, style=Qt.PenStyle.DashLine))
        self._playhead.setPen(pg.mkPen(colours.accent, width=1))

    def _fit(self) -> None:
        counts = self._known.counts
        if len(counts):
            self.plot.set_x_range(0, max(float(counts["step"][-1]), float(self._step), 1.0))
            self.plot.set_y_range(0, max(float(counts["known"].max()), 1.0))

    def _sentence(self) -> str:
        rows = self._known.counts.rows_until(self._step)
        known, refuted = (int(self._known.counts[name][rows - 1]) if rows else 0 for name in ("known", "refuted"))
        return tr(
            "At step {step}: {known} sentences known (full line), {refuted} of them refuted (broken line).",
            step=count(self._step),
            known=count(known),
            refuted=count(refuted),
        )
