"""The table of memories: a dot in the task's colour, a pin on what is kept."""

from __future__ import annotations

from collections.abc import Sequence

import qtawesome
from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon, QKeyEvent, QKeySequence, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from agents.events import MemoryEntry
from widgets import theme
from widgets.memory_model import ENTRY, FIELDS, PINNED, STEP, TASK, TEXT, MemoryModel
from widgets.sentences import ending

_ROW, _DOT, _LEAST_TEXT, _BESIDE = 26, 12, 80, 24
_NARROW, _DOT_ONLY = 460, 48
"""Below this width the task's name gives way to its dot."""


class MemoryTable(QTableView):
    """Many rows may be selected; Delete and Ctrl+C act on them.

    Signals:
        erase_pressed: the Delete key.
        picked: the selection, or the current row, is another one.
    """

    erase_pressed = Signal()
    picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.memories = MemoryModel()
        self.setModel(self.memories)
        self.setItemDelegateForColumn(TASK, _TaskDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setItemDelegateForColumn(TEXT, _SentenceDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(40)
        # a header asks whether whole columns are selected, which takes a second with 100,000 rows
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(self.memories, self))
        self.horizontalHeader().setSortIndicator(STEP, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        for column, field in enumerate(FIELDS):
            self.setColumnWidth(column, field.width or _LEAST_TEXT)
        self.selectionModel().selectionChanged.connect(self.picked)
        self.selectionModel().currentRowChanged.connect(self.picked)

    @property
    def chosen(self) -> list[MemoryEntry]:
        """The memories that are selected, in the order shown."""
        parts = sorted((part.top(), part.bottom() + 1) for part in self.selectionModel().selection().toList())
        return [entry for top, end in parts for entry in self.memories.entries(top, end)]

    @property
    def current(self) -> MemoryEntry | None:
        """The memory that the cursor is on."""
        index = self.currentIndex()
        entry: MemoryEntry | None = index.data(ENTRY) if index.isValid() else None
        return entry

    def show_memories(self, entries: Sequence[MemoryEntry], pinned: set[int], names: list[str]) -> None:
        """Show other memories; what was selected stays selected, and stays where it is on the screen."""
        chosen, current, row = {entry.id for entry in self.chosen}, self.current, self.currentIndex().row()
        place = self.verticalScrollBar().value()
        self.memories.show(entries, pinned, names)
        self._select(chosen, current)
        moved = self.currentIndex().row() - row if self.currentIndex().isValid() else 0
        self.verticalScrollBar().setValue(place + moved)

    def _select(self, ids: set[int], current: MemoryEntry | None) -> None:
        keep = QItemSelectionModel.SelectionFlag.NoUpdate
        for row in self.memories.rows_of(set() if current is None else {current.id}):
            self.selectionModel().setCurrentIndex(self.memories.index(row, 0), keep)
        selection, last = QItemSelection(), len(FIELDS) - 1
        for top, bottom in _stretches(self.memories.rows_of(ids)):
            selection.select(self.memories.index(top, 0), self.memories.index(bottom, last))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def copy(self) -> None:
        """Put the selected memories on the clipboard, as rows of a spreadsheet."""
        rows = [[field.title() for field in FIELDS]]
        rows += [[self.memories.words(entry, field) for field in FIELDS] for entry in self.chosen]
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows))

    def event(self, event: QEvent) -> bool:
        """Keep the Delete key from the window, where it removes clips."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_ours(event):
            event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Erase or copy what is selected."""
        if event.key() == Qt.Key.Key_Delete:
            self.erase_pressed.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Give the sentence what the other columns leave."""
        super().resizeEvent(event)
        width = self.viewport().width()
        self.setColumnWidth(TASK, _DOT_ONLY if width < _NARROW else FIELDS[TASK].width)
        for column, field in enumerate(FIELDS):
            self.setColumnHidden(column, width < field.needs)
        taken = sum(self.columnWidth(column) for column in range(len(FIELDS)) if column != TEXT)
        self.setColumnWidth(TEXT, max(width - taken, _LEAST_TEXT))


def _is_ours(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Delete or event.matches(QKeySequence.StandardKey.Copy)


def _stretches(rows: list[int]) -> list[tuple[int, int]]:
    """Join neighbouring rows: Qt takes seconds for a thousand single ones."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


class _TaskDelegate(QStyledItemDelegate):
    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        entry = index.data(ENTRY)
        if option.rect.width() <= _DOT_ONLY:
            option.text = ""
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.icon = _mark(entry.column, pinned=bool(index.data(PINNED)))


class _SentenceDelegate(QStyledItemDelegate):
    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.text = ending(option.text, option.fontMetrics, option.rect.width() - _BESIDE)


def _mark(column: int, *, pinned: bool) -> QIcon:
    """Return a dot in the task's colour, or a pin."""
    if pinned:
        pin: QIcon = qtawesome.icon("ph.push-pin-fill", color=theme.task_colour(column))
        return pin
    pixmap = QPixmap(2 * _DOT, 2 * _DOT)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.task_colour(column))
    painter.drawEllipse(2, 2, _DOT - 4, _DOT - 4)
    painter.end()
    dot = QIcon(pixmap)
    dot.addPixmap(pixmap, QIcon.Mode.Selected)
    return dot
