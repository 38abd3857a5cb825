"""The table of what an agent keeps: a dot in the task's colour, a pin on what is kept whatever comes."""

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
from widgets.style.elision import ending
from widgets.style.text_metrics import scaled
from widgets.views.entry_model import ENTRY, HUE, PINNED, E, EntryModel, Field

_ROW, _DOT, _LEAST_TEXT, _BESIDE = 26, 12, 80, 24
_NARROW, _DOT_ONLY = 460, 48
"""Below this width, in type of normal size, the task's name gives way to its dot; and the room of that."""


class EntryTable(QTableView, Generic[E]):
    """Many rows may be selected; Delete and Ctrl+C act on them. The field `task`, if there is one, has a dot.

    Signals:
        erase_pressed: the Delete key.
        picked: the selection, or the current row, is another one.
    """

    erase_pressed = Signal()
    picked = Signal()

    def __init__(self, entries: EntryModel[E], sorted_by: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry_model = entries
        self.setModel(entries)
        self._dotted = next((at for at, field in enumerate(entries.fields) if field.key == "task"), None)
        self._dots = _TaskDelegate(self)
        self._look()
        for column, field in enumerate(entries.fields):
            self.setColumnWidth(column, field.width or _LEAST_TEXT)
        if self._dotted is not None:
            self.setItemDelegateForColumn(self._dotted, self._dots)
        # a header asks whether whole columns are selected, which takes a second with 100,000 rows
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(entries, self))
        self.horizontalHeader().setSortIndicator(entries.place(sorted_by), Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self.selectionModel().selectionChanged.connect(self.picked)
        self.selectionModel().currentRowChanged.connect(self.picked)

    def _look(self) -> None:
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
        """The entries that are selected, in the order shown."""
        parts = sorted((part.top(), part.bottom() + 1) for part in self.selectionModel().selection().toList())
        return [entry for top, end in parts for entry in self.entry_model.entries(top, end)]

    @property
    def current(self) -> E | None:
        """The entry that the cursor is on."""
        index = self.currentIndex()
        entry: E | None = index.data(ENTRY) if index.isValid() else None
        return entry

    def keep_while(self, change: Callable[[], None]) -> None:
        """Let `change` show other entries; what was selected stays selected, and stays where it is on the screen."""
        chosen, current, row = {entry.id for entry in self.chosen}, self.current, self.currentIndex().row()
        place = self.verticalScrollBar().value()
        change()
        self._select(chosen, current)
        moved = self.currentIndex().row() - row if self.currentIndex().isValid() else 0
        self.verticalScrollBar().setValue(place + moved)

    def choose(self, id_: int) -> None:
        """Put the cursor on an entry, if it is shown."""
        for row in self.entry_model.rows_of({id_}):
            self.selectRow(row)
            self.scrollTo(self.entry_model.index(row, 0))

    def _select(self, ids: set[int], current: E | None) -> None:
        keep = QItemSelectionModel.SelectionFlag.NoUpdate
        for row in self.entry_model.rows_of(set() if current is None else {current.id}):
            self.selectionModel().setCurrentIndex(self.entry_model.index(row, 0), keep)
        selection, last = QItemSelection(), len(self.entry_model.fields) - 1
        for top, bottom in _stretches(self.entry_model.rows_of(ids)):
            selection.select(self.entry_model.index(top, 0), self.entry_model.index(bottom, last))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def copy(self) -> None:
        """Put the selected entries on the clipboard, as rows of a spreadsheet."""
        fields, names = self.entry_model.fields, self.entry_model.names
        rows = [[field.title() for field in fields]]
        rows += [[field.say(entry, names) for field in fields] for entry in self.chosen]
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
        """Share the room out again."""
        super().resizeEvent(event)
        self.lay_out()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Share the room out again when the type changes its size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.lay_out()

    def has_room(self, field: Field[E], width: int) -> bool:
        """Whether a field is shown in a table so wide."""
        return width >= scaled(field.needs)

    def lay_out(self) -> None:
        """Give the sentences what the other columns leave."""
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
            least = max(scaled(_LEAST_TEXT), self.horizontalHeader().sectionSizeHint(column))
            self.setColumnWidth(column, max((width - taken) // len(filled), least))


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
    is_alone = False
    """Whether the dot stands without the task's name."""

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if self.is_alone:
            option.text = ""
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.icon = _mark(index.data(HUE), pinned=bool(index.data(PINNED)))


class EndingDelegate(QStyledItemDelegate):
    """Lets the beginning of a sentence give way: where all begin alike, the end tells them apart."""

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Leave out as much of the beginning as there is no room for."""
        super().initStyleOption(option, index)
        option.text = ending(option.text, option.fontMetrics, option.rect.width() - _BESIDE)


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
