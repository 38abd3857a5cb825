"""The panel on forgetting: a summary, the metrics, the evaluation matrix, score curves and adaptation curves."""

from __future__ import annotations

from collections.abc import Sequence, Sized

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from agents.analysis.definitions import FAMILIES, Family
from agents.story import Story
from widgets.panel import Panel
from widgets.plots.run_names import run_label
from widgets.remembering.adaptation_curves import AdaptationCurves
from widgets.remembering.big_number import BigNumber
from widgets.remembering.matrix_choice import MatrixChoice, difference
from widgets.remembering.matrix_data import MatrixData, experts, matrix_data, metric
from widgets.remembering.matrix_view import MatrixView
from widgets.remembering.run_differences import differences
from widgets.remembering.score_curves import ScoreCurves, shared_task_ids
from widgets.remembering.summary_text import RunComparison, sentences
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.icons import icon
from widgets.style.panel_style import GAP, MARGIN, flat_combo, reparent
from widgets.style.scroll_areas import fit_text, vertical_scroll_area
from widgets.style.task_names import task_names
from widgets.style.translation import tr

_ICONS = ("ph.grid-four", "ph.chart-line", "ph.lightning")
MATRIX, CURVES, ADAPTATION = range(len(_ICONS))
"""The pages."""
_MAX_SUMMARY_SHARE = 0.2
"""Maximum share of the height for the summary."""
_TALL = 560
"""Height in pixels from which matrix and curves are shown together."""


class RememberingPanel(Panel):
    """Shows forgetting beside the learned level, without which it means nothing: chance level cannot be forgotten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._stamp = Scene(), _stamp(Scene())
        self.learned, self.average, self.forgetting, self.transfer = (BigNumber() for _ in range(4))
        self.words = QLabel(wordWrap=True)
        self.words.setProperty("quiet", True)
        self._words_area = vertical_scroll_area(self.words)
        self._words_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.choice = MatrixChoice()
        self.choice.chosen.connect(self._show_matrix)
        self.matrix, self.curves, self.adaptation = MatrixView(), ScoreCurves(), AdaptationCurves()
        self.definition = flat_combo()
        self.definition.addItems([family.title for family in FAMILIES])
        self.definition.currentIndexChanged.connect(self._define)
        self.page = MATRIX
        self._group = QButtonGroup(self)
        self._buttons = [self._page_button(page) for page in range(len(_ICONS))]
        self._group.idClicked.connect(self._turn)
        self._note = EmptyNote(self._content(), self)
        reparent(self.header_widgets(), self)
        self._buttons[-1].hide()  # until the run has adaptations
        self._draw_page()  # hidden pages must not add to the size hint
        self.restyle()
        self.retranslate()

    def _content(self) -> QWidget:
        content, numbers = QWidget(), QHBoxLayout()
        numbers.setSpacing(2 * GAP)
        for number in (self.learned, self.average, self.forgetting, self.transfer):
            numbers.addWidget(number, 1)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(MARGIN, 0, MARGIN, MARGIN - GAP)
        layout.setSpacing(2 * GAP)
        layout.addLayout(numbers)
        layout.addWidget(self._words_area)
        layout.addWidget(self.choice)
        layout.addWidget(self.matrix, 3)
        layout.addWidget(self.curves, 2)
        layout.addWidget(self.adaptation, 2)
        return content

    def header_widgets(self) -> list[QWidget]:
        """Return the controls for the definition of the metrics and for the page."""
        return [self.definition, *self._buttons]

    def draw(self, scene: Scene) -> None:
        """Show `scene` if it differs from the last one."""
        stamp = _stamp(scene)
        if stamp != self._stamp:
            self._scene, self._stamp = scene, stamp
            self._redraw()

    def _redraw(self) -> None:
        story = self._scene.story
        self._buttons[-1].setVisible(story is not None and bool(story.adaptations))
        self._note.reveal(content=story is not None and bool(story.evaluations or story.adaptations))
        if story is None:
            self.choice.clear()
            return
        view = story.until(self._scene.playhead)
        self._show_summary(matrix_data(view), task_names(view.tasks, self._scene.colours), story)
        overlays = self._scene.overlays
        texts = [differences(story, other) for _, other in overlays]
        self.choice.show_runs([run_label(self._scene.name, story), *(name for name, _ in overlays)], texts)
        self._show_matrix()
        self._draw_page()

    def _show_matrix(self) -> None:
        """Show the matrix of the selected run, or its difference to that of the run in front."""
        if (front := self._scene.story) is None:
            return
        index, view = self.choice.other, front.until(self._scene.playhead)
        chosen = matrix_data(view)
        if index is not None:
            other = self._scene.overlays[index][1]
            ours = {ours: task_id for task_id, ours in shared_task_ids(front, other).items()}
            theirs = matrix_data(other.until(None))
            chosen = difference(chosen, theirs, ours) if self.choice.is_difference else theirs
        names = task_names(chosen.view.tasks, self._scene.colours)
        self.matrix.show_matrix(chosen, names, _rows(chosen), signed=self.choice.is_difference)

    def _show_summary(self, data: MatrixData, names: Sequence[str], story: Story) -> None:
        family = self._definition
        self.learned.show_number(data.learned)
        self.average.show_number(data.number(family, "average"))
        self.forgetting.show_change(data.forgetting(family), bad=True)
        single_task = experts(story, [other for _, other in self._scene.overlays])
        self.transfer.show_change(data.number(family, "forward", single_task), bad=False)
        others = [
            RunComparison(
                name,
                matrix_data(other.until(None)),
                {ours: task_id for task_id, ours in shared_task_ids(story, other).items()},
            )
            for name, other in self._scene.overlays
        ]
        self.words.setText(" ".join(sentences(data, names, others, family)))
        self._fit_summary()

    def _fit_summary(self) -> None:
        """Limit the summary's height; a longer text scrolls by whole lines."""
        fit_text(self._words_area, self.words, self.width() - 2 * MARGIN, int(self.height() * _MAX_SUMMARY_SHARE))

    def _draw_page(self) -> None:
        """Show and draw the widgets of the current page only."""
        self.matrix.setVisible(self.page == MATRIX)
        self.choice.setVisible(self.page == MATRIX and bool(self._scene.overlays))
        self.curves.setVisible(self.page == CURVES or (self.page == MATRIX and self.height() >= _TALL))
        self.adaptation.setVisible(self.page == ADAPTATION)
        if not self.curves.isHidden():
            self.curves.draw(self._scene)
        if not self.adaptation.isHidden() and self._scene.story is not None:
            self.adaptation.draw(self._scene.story.until(self._scene.playhead).adaptations)

    @property
    def _definition(self) -> Family:
        return FAMILIES[self.definition.currentIndex()]

    def _define(self) -> None:
        self._explain()
        self._redraw()

    def _page_button(self, page: int) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", True)
        button.setCheckable(True)
        button.setChecked(page == 0)
        button.setIconSize(QSize(16, 16))
        self._group.addButton(button, page)
        return button

    def _turn(self, page: int) -> None:
        self.page = page
        self._draw_page()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Show the curves below the matrix if the panel is high enough."""
        super().resizeEvent(event)
        self._fit_summary()
        tall, was_tall = event.size().height() >= _TALL, event.oldSize().height() >= _TALL
        if tall != was_tall:
            self._draw_page()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._note.set_text(tr("After the first evaluation you will see here what is learned, and what is forgotten."))
        self._explain()
        names = (tr("Matrix"), tr("Curves"), tr("Adaptation"))
        tips = (
            tr("Scores after each stage: a row a stage, a column a task"),
            tr("Scores of every task over the whole run"),
            tr("How fast held-out tasks are learned"),
        )
        for button, name, tip in zip(self._buttons, names, tips, strict=True):
            button.setAccessibleName(name)
            button.setToolTip(tip)
        self.curves.set_name(names[1])
        self.curves.legend.retranslate()
        self.adaptation.set_name(names[2])
        self.matrix.setAccessibleName(tr("Scores after each stage"))
        self.choice.retranslate()
        self._redraw()

    def _explain(self) -> None:
        family, learned = self._definition, metric("learned")
        formulas = {row.key: f"{tr(row.formula)} ({family.title})" for row in family.rows}
        transfer = tr("How far earlier tasks lifted a task")
        if family.row("forward").needs_experts:
            transfer += "\n" + tr("Lay runs over this one that learned a single task each: they are the experts.")
        numbers = (
            (self.learned, tr("Learned"), tr("Mean score at the end of each task's own stage"), tr(learned.formula)),
            (self.average, tr("Average now"), tr("Mean score of the learned tasks"), formulas["average"]),
            (self.forgetting, tr("Forgetting"), tr("How far scores fell, from 0 to 1"), formulas["forgetting"]),
            (self.transfer, tr("Transfer"), transfer, formulas["forward"]),
        )
        for number, name, meaning, formula in numbers:
            number.set_texts(name, f"{meaning}\n{formula}")
        self.definition.setAccessibleName(tr("Definitions of average, forgetting and transfer"))
        self.definition.setToolTip(
            tr("Definitions of average, forgetting and transfer: {source}", source=family.source)
        )

    def restyle(self) -> None:
        """Apply the theme and the type size."""
        self._fit_summary()
        for button, name in zip(self._buttons, _ICONS, strict=True):
            button.setIcon(icon(name))
        self.curves.restyle()
        self.adaptation.restyle()


def _rows(data: MatrixData) -> list[str]:
    titles = [tr("after {task}", task=tr(title)) if title else tr("untrained") for title in data.titles]
    return [*titles, tr("now")] if data.live else titles


def _stamp(scene: Scene) -> tuple[object, ...]:
    """Return a key of what this panel draws of a scene: with an equal key nothing has to be redrawn."""
    if (story := scene.story) is None:
        return (None,)
    ended = sum(clip.end is not None for clip in story.clips)
    parts: tuple[Sized, ...] = (
        story.evaluations,
        story.adaptations,
        story.clips,
        story.marks,
        story.resumed,
        story.rolled_back,
        story.tasks,
        story.curricula,
    )
    counts = [len(part) for part in parts]
    return (story, *counts, ended, story.finished is None, scene.playhead, scene.overlays, scene.name)
