"""A table view of stored entries, with a dot in the task's colour, or a pin for a pinned entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

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

from widgets.style import theme
from widgets.style.elision import elide_start
from widgets.style.text_metrics import scaled
from widgets.views.entry_model import ENTRY, HUE, PINNED, E, EntryModel, Field

_ROW, _DOT, _MIN_TEXT, _BESIDE = 26, 12, 80, 24
"""Height of a row, size of a dot, minimum width of a text column, and padding of a cell, in pixels."""
_NARROW, _DOT_ONLY = 460, 48
"""Width of the table, at normal type size, below which the dot replaces the task's name; and the dot's width."""


class EntryTable(QTableView, Generic[E]):
    """A table in which many rows can be selected, copied (Ctrl+C) and erased (Delete).

    The field `task`, if there is one, has a dot in the task's colour.

    Signals:
        erase_pressed: the Delete key was pressed.
        picked: the selection or the current row has changed.
    """

    erase_pressed = Signal()
    picked = Signal()

    def __init__(self, entries: EntryModel[E], sorted_by: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry_model = entries
        self.setModel(entries)
        self._dotted = next((column for column, field in enumerate(entries.fields) if field.key == "task"), None)
        self._dots = _TaskDelegate(self)
        self._set_up_view()
        for column, field in enumerate(entries.fields):
            self.setColumnWidth(column, field.width or _MIN_TEXT)
        if self._dotted is not None:
            self.setItemDelegateForColumn(self._dotted, self._dots)
        # a header checks whether whole columns are selected, which takes a second with 100,000 rows
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(entries, self))
        self.horizontalHeader().setSortIndicator(entries.column_of(sorted_by), Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self.selectionModel().selectionChanged.connect(self.picked)
        self.selectionModel().currentRowChanged.connect(self.picked)

    def _set_up_view(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(40)

    @property
    def chosen(self) -> list[E]:
        """The selected entries, in the order shown."""
        parts = sorted((part.top(), part.bottom() + 1) for part in self.selectionModel().selection().toList())
        return [entry for top, end in parts for entry in self.entry_model.entries(top, end)]

    @property
    def current(self) -> E | None:
        """The entry with the keyboard cursor."""
        index = self.currentIndex()
        entry: E | None = index.data(ENTRY) if index.isValid() else None
        return entry

    def preserve_selection(self, change: Callable[[], None]) -> None:
        """Call `change`, which sets other entries, and restore the selection and its position on the screen."""
        chosen, current, row = {entry.id for entry in self.chosen}, self.current, self.currentIndex().row()
        scroll = self.verticalScrollBar().value()
        change()
        self._select(chosen, current)
        moved = self.currentIndex().row() - row if self.currentIndex().isValid() else 0
        self.verticalScrollBar().setValue(scroll + moved)

    def choose(self, id_: int) -> None:
        """Select an entry, if it is shown."""
        for row in self.entry_model.rows_of({id_}):
            self.selectRow(row)
            self.scrollTo(self.entry_model.index(row, 0))

    def _select(self, ids: set[int], current: E | None) -> None:
        keep = QItemSelectionModel.SelectionFlag.NoUpdate
        for row in self.entry_model.rows_of(set() if current is None else {current.id}):
            self.selectionModel().setCurrentIndex(self.entry_model.index(row, 0), keep)
        selection, last = QItemSelection(), len(self.entry_model.fields) - 1
        for top, bottom in _ranges(self.entry_model.rows_of(ids)):
            selection.select(self.entry_model.index(top, 0), self.entry_model.index(bottom, last))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def copy(self) -> None:
        """Copy the selected entries to the clipboard as tab-separated rows."""
        fields, names = self.entry_model.fields, self.entry_model.names
        rows = [[field.title() for field in fields]]
        rows += [[field.text(entry, names) for field in fields] for entry in self.chosen]
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows))

    def event(self, event: QEvent) -> bool:
        """Override the window's shortcut for the Delete key, which removes clips."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_ours(event):
            event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Erase or copy the selected entries."""
        if event.key() == Qt.Key.Key_Delete:
            self.erase_pressed.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Set the columns' widths for the new size."""
        super().resizeEvent(event)
        self.lay_out()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Set the columns' widths for a new type size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.lay_out()

    def has_room(self, field: Field[E], width: int) -> bool:
        """Return whether a field is shown in a table of this width."""
        return width >= scaled(field.needs)

    def lay_out(self) -> None:
        """Set the columns' widths; columns without a width of their own share the remaining width."""
        width, fields = self.viewport().width(), self.entry_model.fields
        self.verticalHeader().setDefaultSectionSize(max(scaled(_ROW) - _ROW // 4, _ROW))
        self._dots.is_alone = width < scaled(_NARROW)
        for column, field in enumerate(fields):
            self.setColumnHidden(column, not self.has_room(field, width))
            if field.width:
                narrow = _DOT_ONLY if column == self._dotted and self._dots.is_alone else scaled(field.width)
                self.setColumnWidth(column, max(narrow, self.horizontalHeader().sectionSizeHint(column)))
        taken = sum(self.columnWidth(column) for column, field in enumerate(fields) if field.width)
        filled = [column for column, field in enumerate(fields) if not field.width]
        for column in filled:
            minimum = max(scaled(_MIN_TEXT), self.horizontalHeader().sectionSizeHint(column))
            self.setColumnWidth(column, max((width - taken) // len(filled), minimum))


def _is_ours(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Delete or event.matches(QKeySequence.StandardKey.Copy)


def _ranges(rows: list[int]) -> list[tuple[int, int]]:
    """Merge adjacent rows into ranges (first, last): Qt takes seconds to select a thousand single rows."""
    ranges: list[tuple[int, int]] = []
    for row in rows:
        if ranges and ranges[-1][1] == row - 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    return ranges


class _TaskDelegate(QStyledItemDelegate):
    is_alone = False
    """Whether the dot is shown without the task's name."""

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if self.is_alone:
            option.text = ""
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.icon = _mark(index.data(HUE), pinned=bool(index.data(PINNED)))


class EndingDelegate(QStyledItemDelegate):
    """Elides the beginning of a sentence, because the ends distinguish sentences that begin the same."""

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Elide the text to the width of its cell."""
        super().initStyleOption(option, index)
        option.text = elide_start(option.text, option.fontMetrics, option.rect.width() - _BESIDE)


def _mark(hue: int | None, *, pinned: bool) -> QIcon:
    """Return a dot in the task's colour, or a pin."""
    if pinned:
        pin: QIcon = qtawesome.icon("ph.push-pin-fill", color=theme.task_colour(hue))
        return pin
    pixmap = QPixmap(2 * _DOT, 2 * _DOT)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.task_colour(hue))
    painter.drawEllipse(2, 2, _DOT - 4, _DOT - 4)
    painter.end()
    dot = QIcon(pixmap)
    dot.addPixmap(pixmap, QIcon.Mode.Selected)
    return dot
