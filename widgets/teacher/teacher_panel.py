"""The Teacher panel: agreement of the student with its teacher, and their divergence, over the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.story import Story
from agents.story.columns import Columns
from widgets.panel import Panel
from widgets.plots.curve import curve
from widgets.plots.plot import Plot
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style import theme
from widgets.style.numbers import short_count
from widgets.style.panel_style import GAP, MARGIN
from widgets.style.scroll_areas import fit_text, vertical_scroll_area
from widgets.style.translation import tr
from widgets.views.divergence_text import divergence_text, in_nats

AGREEMENT, GAP_TERM = "agreement", "teacher_kl"
"""Loss terms that are drawn."""
DASHES = [6, 4]
_MAX_WORDS_SHARE = 0.3
"""Largest share of the panel's height for the text."""


class TeacherPanel(Panel):
    """Plots the share of decisions in which student and teacher agree and, as a broken line, their divergence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self.words = QLabel(wordWrap=True)
        self.words.setProperty("quiet", True)
        self._words_area = vertical_scroll_area(self.words)
        self._words_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot = Plot(short_count)
        self.agreement, self.gap = (curve(antialias=True, connect="finite") for _ in range(2))
        self.plot.add(self.gap)
        self.plot.add(self.agreement)
        self.plot.fitted.connect(self._fit)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(MARGIN, 0, MARGIN, GAP)
        column.setSpacing(GAP)
        column.addWidget(self._words_area)
        column.addWidget(self.plot, 1)
        self._note = EmptyNote(content, self)
        self.restyle()
        self.retranslate()

    def draw(self, scene: Scene) -> None:
        """Show the values up to the playhead."""
        self._scene = scene
        agreement, gap = (self._known(name) for name in (AGREEMENT, GAP_TERM))
        self._note.reveal(content=len(agreement[0]) > 0)
        for item, known in ((self.agreement, agreement), (self.gap, gap)):
            item.setData(*_broken(*known, self._stages()))
        self._update_words()
        self._fit_words()
        self._fit()

    def _known(self, name: str) -> tuple[Any, Any]:
        """Return steps and values of a term up to the playhead, both (N,)."""
        story: Story | None = self._scene.story
        table: Columns | None = None if story is None else story.updates.get(name)
        if table is None:
            return np.empty(0), np.empty(0)
        rows = table.rows_until(self._scene.playhead)
        return table["step"][:rows].astype(float), table["value"][:rows]

    def _stages(self) -> list[int]:
        """Return the first steps of stages, between which the lines are interrupted."""
        return [] if self._scene.story is None else [clip.start for clip in self._scene.story.clips]

    def _fit(self) -> None:
        highest = float(np.max(self._known(GAP_TERM)[1], initial=1.0))
        if self._scene.story is not None:
            self.plot.set_x_range(0, max(float(self._scene.story.step), 1.0))
        self.plot.set_y_range(0, highest)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Divide the height between the text and the plot."""
        super().resizeEvent(event)
        self._fit_words()

    def _fit_words(self) -> None:
        fit_text(self._words_area, self.words, self.width() - 2 * MARGIN, int(self.height() * _MAX_WORDS_SHARE))

    def _update_words(self) -> None:
        """Describe the latest agreement and divergence, and the divergence when the newest taught stage began."""
        (_, agreement), (steps, gap) = self._known(AGREEMENT), self._known(GAP_TERM)
        if not len(agreement):
            self.words.setText("")
            self.words.setToolTip("")
            return
        stage_start = max((start for start in self._stages() if start < steps[-1]), default=0)
        first, now = float(gap[int(np.searchsorted(steps, stage_start, side="right"))]), float(gap[-1])
        degrees = {"now": divergence_text(now), "first": divergence_text(first)}
        lately = tr("it decides {now}, at first {first}", **degrees)
        if degrees["now"] == degrees["first"]:
            lately = tr("it decides {now}, as at first", **degrees)
        self.words.setText(
            tr(
                "The student agrees with its teacher in {share} of its decisions. "
                "Broken line: how far its probabilities are from the teacher's; {lately}.",
                share=f"{100 * float(agreement[-1]):.0f}%",
                lately=lately,
            )
        )
        formula = tr("KL(teacher ‖ student) = Σ p · ln(p / q) over the actions: 0 where both would do the same")
        self.words.setToolTip(
            "\n".join((tr("now {now}, at first {first}", now=in_nats(now), first=in_nats(first)), formula))
        )

    def retranslate(self) -> None:
        """Translate every text."""
        self._note.set_text(tr("Give a clip a teacher in its options; how close the student comes to it appears here."))
        self.plot.canvas.setAccessibleName(tr("Agreement of the student with its teacher"))
        self._update_words()

    def restyle(self) -> None:
        """Update colours and type size."""
        self._fit_words()
        colours = theme.current()
        self.plot.restyle()
        self.agreement.setPen(pg.mkPen(colours.accent, width=2))
        broken = pg.mkPen(colours.quiet, width=1)
        broken.setDashPattern(DASHES)
        self.gap.setPen(broken)


def _broken(steps: Any, values: Any, stages: list[int]) -> tuple[Any, Any]:
    """Return the points, both (N,), with a NaN at each stage's start, so that the line is interrupted there."""
    gaps = np.unique(np.searchsorted(steps, stages, side="right"))
    gaps = gaps[(gaps > 0) & (gaps < len(steps))]
    return np.insert(steps, gaps, steps[gaps]), np.insert(values, gaps, np.nan)
