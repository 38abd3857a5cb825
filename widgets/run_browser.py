"""Every stored run: to be opened, compared, exported or thrown away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableView, QToolButton, QVBoxLayout, QWidget

from widgets.empty_note import EmptyNote
from widgets.icons import icon
from widgets.panel import Panel
from widgets.requests import ExportRun, OpenRun, OverlayRuns, TrashRun
from widgets.run_table import SORT_ROLE, RunRow, RunTable
from widgets.words import tr

__all__ = ["RunBrowser", "RunRow"]


class RunBrowser(Panel):
    """A table of runs; a double click opens one, Delete moves it to the trash."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = RunTable(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._table)
        self._sorted.setSortRole(SORT_ROLE)
        self._sorted.setFilterKeyColumn(-1)
        self._sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._view = self._make_view()
        self._filter = QLineEdit(self, clearButtonEnabled=True)
        self._filter.setFixedWidth(160)
        self._filter.textChanged.connect(self._sorted.setFilterFixedString)
        self._open = self._button(self._ask_open)
        self._overlay = self._button(self._ask_overlay)
        self._clear = self._button(self._ask_clear)
        self._export = self._button(self._ask_export)
        self._trash = self._button(self._ask_trash)
        self._lay_out()
        self.setFocusProxy(self._view)
        self._view.selectionModel().selectionChanged.connect(self._enable)
        self.retranslate()
        self.restyle()
        self._enable()

    def header_widgets(self) -> list[QWidget]:
        """Filter, and what can be done with the chosen runs."""
        return [self._filter, self._open, self._overlay, self._clear, self._export, self._trash]

    def subtitle(self) -> str:
        """How many there are."""
        count = len(self._table.rows)
        return tr("{count} stored", count=count) if count else ""

    def show_runs(self, rows: tuple[RunRow, ...]) -> None:
        """Show these runs, newest first."""
        chosen = set(self._chosen())
        self._table.show_rows(rows)
        self._note.reveal(content=bool(rows))
        for place, row in enumerate(rows):
            if row.folder in chosen:
                index = self._sorted.mapFromSource(self._table.index(place, 0))
                self._view.selectRow(index.row())
        self._enable()

    def retranslate(self) -> None:
        """Write every text again."""
        self._note.say(tr("No runs yet. Each run is stored by itself: press play, and it appears here."))
        self._filter.setPlaceholderText(tr("Filter runs"))
        self._view.setAccessibleName(tr("Stored runs"))
        names = (
            (self._filter, tr("Filter runs"), tr("Show only the runs in which this text occurs")),
            (self._open, tr("Open"), tr("Show the chosen run in all panels")),
            (self._overlay, tr("Lay over"), tr("Lay the chosen runs over the one in front")),
            (self._clear, tr("Take off"), tr("Show the run in front alone")),
            (self._export, tr("Export"), tr("Write the run's tables and plots to a folder")),
            (self._trash, tr("To the trash"), tr("Move the chosen runs to the trash")),
        )
        for widget, name, tip in names:
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self._table.retranslate()

    def restyle(self) -> None:
        """Draw the icons in the colours of the theme."""
        icons = {
            self._open: "ph.arrow-square-out",
            self._overlay: "ph.stack",
            self._clear: "ph.stack-simple",
            self._export: "ph.export",
            self._trash: "ph.trash",
        }
        for button, name in icons.items():
            button.setIcon(icon(name))

    def _make_view(self) -> QTableView:
        view = QTableView(self)
        view.setModel(self._sorted)
        view.setSortingEnabled(True)
        view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(28)
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        view.horizontalHeader().setHighlightSections(False)
        view.activated.connect(self._ask_open)
        return view

    def _lay_out(self) -> None:
        content = QWidget(self)
        box = QVBoxLayout(content)
        box.setContentsMargins(8, 0, 8, 12)
        box.addWidget(self._view)
        self._note = EmptyNote(content, self)

    def _button(self, pressed: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("flat", True)
        button.clicked.connect(pressed)
        return button

    def _enable(self) -> None:
        count = len(self._chosen())
        for button, usable in (
            (self._open, count == 1),
            (self._export, count == 1),
            (self._overlay, count > 0),
            (self._trash, count > 0),
        ):
            button.setEnabled(usable)

    def _chosen(self) -> tuple[Path, ...]:
        places = self._view.selectionModel().selectedRows()
        return tuple(self._table.rows[self._sorted.mapToSource(index).row()].folder for index in places)

    def _ask_open(self) -> None:
        for folder in self._chosen()[:1]:
            self.requested.emit(OpenRun(folder))

    def _ask_overlay(self) -> None:
        self.requested.emit(OverlayRuns(self._chosen()))

    def _ask_clear(self) -> None:
        self.requested.emit(OverlayRuns(()))

    def _ask_export(self) -> None:
        for folder in self._chosen()[:1]:
            self.requested.emit(ExportRun(folder))

    def _ask_trash(self) -> None:
        for folder in self._chosen():
            self.requested.emit(TrashRun(folder))
