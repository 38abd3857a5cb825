"""A row of chips, one per task with its number of memories, that filter by task."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QScrollArea, QToolButton, QWidget

from widgets.style import theme
from widgets.style.icons import icon
from widgets.style.numbers import count
from widgets.style.panel_style import GAP
from widgets.style.task_names import TaskName
from widgets.style.text_metrics import line_height
from widgets.style.translation import tr

_HIGH, _BAR, _ARROW = 28, 3, 22
"""Minimum height of a chip, height of its coloured line, and width of an arrow, in pixels."""


class TaskChips(QScrollArea):
    """A horizontally scrolling row of chips: "All", then the tasks.

    Signals:
        chosen: id of the selected task, or None for all.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[object, ...] = ()
        self._arrows: list[QToolButton] = []
        row = QWidget()
        self._row = QHBoxLayout(row)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._row.addStretch(1)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self._choose)
        self.setWidget(row)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._arrows = [self._arrow(-1), self._arrow(1)]
        self._fit()
        bar = self.horizontalScrollBar()
        bar.valueChanged.connect(self._show_arrows)
        bar.rangeChanged.connect(self._show_arrows)
        self._draw_arrows()

    def _arrow(self, direction: int) -> QToolButton:
        arrow = QToolButton(self)
        arrow.setObjectName("ChipArrow")
        arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        arrow.clicked.connect(partial(self._scroll, direction))
        arrow.hide()
        return arrow

    def _draw_arrows(self) -> None:
        for arrow, name in zip(self._arrows, ("ph.caret-left", "ph.caret-right"), strict=False):
            arrow.setIcon(icon(name))
            arrow.setAccessibleName(tr("More tasks"))
            arrow.setToolTip(tr("More tasks"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Apply a change of language, theme or type size."""
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._draw_arrows()
        elif event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)

    def _fit(self) -> None:
        """Set the height to that of a chip."""
        high = max(_HIGH, line_height(theme.NORMAL) + _HIGH // 2)
        self.setFixedHeight(high)
        for arrow in self._arrows:
            arrow.setFixedSize(_ARROW, high)

    def _scroll(self, direction: int) -> None:
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() + direction * (self.width() - 3 * _ARROW))

    def _show_arrows(self) -> None:
        """Show the arrows at the ends beyond which there are more chips."""
        bar, (left, right) = self.horizontalScrollBar(), self._arrows
        left.setVisible(bar.value() > bar.minimum())
        right.setVisible(bar.value() < bar.maximum())
        right.move(self.width() - _ARROW, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll horizontally with a vertical wheel."""
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (event.angleDelta().y() or event.angleDelta().x()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Move the arrows to the edges."""
        super().resizeEvent(event)
        self._show_arrows()

    @property
    def task(self) -> int | None:
        """Id of the selected task; None: all."""
        task_id = self._group.checkedId()
        return task_id if task_id >= 0 else None

    def show_counts(self, names: Sequence[TaskName], counts: dict[int, int]) -> None:
        """Show a chip for all, and one for each task that has memories."""
        shown = (tuple(names), tuple(sorted(counts.items())), tr("All"))
        if shown == self._shown:
            return
        self._shown = shown
        task_ids = [task_id for task_id in range(len(names)) if counts.get(task_id)]
        chips = self._group.buttons()
        wanted = [_ALL, *task_ids]
        if [self._group.id(chip) for chip in chips] != wanted:
            self._rebuild(wanted)
        for chip in self._group.buttons():
            assert isinstance(chip, _Chip), "all buttons of the group are chips"
            task_id = self._group.id(chip)
            name = tr("All") if task_id == _ALL else names[task_id]
            number = sum(counts.values()) if task_id == _ALL else counts[task_id]
            chip.show_hue(None if task_id == _ALL else names[task_id].hue)
            chip.setText(f"{name}  {count(number)}")
            chip.setToolTip(tr("Show the {number} memories of: {name}", number=count(number), name=name))
            chip.setAccessibleName(chip.text())

    def _rebuild(self, wanted: list[int]) -> None:
        before = self.task
        for chip in self._group.buttons():
            self._group.removeButton(chip)
            self._row.removeWidget(chip)
            chip.deleteLater()
        for index, task_id in enumerate(wanted):
            chip = _Chip()
            chip.setChecked(task_id == (before if before in wanted else _ALL))
            self._group.addButton(chip, task_id)
            self._row.insertWidget(index, chip)
        if self.task != before:
            self.chosen.emit(self.task)

    def _choose(self, task_id: int) -> None:
        self.ensureWidgetVisible(self._group.button(task_id))
        self.chosen.emit(None if task_id == _ALL else task_id)


_ALL = -2
"""Button id of the chip for all; with -1, Qt would assign an id itself."""


class _Chip(QToolButton):
    def __init__(self) -> None:
        super().__init__()
        self._hue: int | None = None
        self.setCheckable(True)
        self.setProperty("flat", True)

    def show_hue(self, hue: int | None) -> None:
        self._hue = hue
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self._hue is not None:
            painter = QPainter(self)
            colour = QColor(theme.task_colour(self._hue))
            painter.fillRect(6, self.height() - _BAR - 1, self.width() - 12, 2, colour)
