"""The panel with all stored runs, which can be opened, resumed, forked, compared, exported or moved to the trash."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QSortFilterProxyModel, Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.forms.search_field import SearchField
from widgets.panel import Panel
from widgets.plots.run_names import run_label
from widgets.requests import OpenRun
from widgets.runs.run_actions import RUN_ACTIONS
from widgets.runs.run_table import COLUMNS, SORT_ROLE, RunTable
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.icons import icon
from widgets.style.text_metrics import scaled
from widgets.style.translation import tr
from widgets.views.run_row import RunRow

__all__ = ["RunBrowser", "RunRow"]

ACTIVE = ("running", "paused")
READABLE = 160
"""Width in pixels, at normal type size, that a name or a note needs to be distinguished from others."""
_ROW = 24
"""Minimum height of a row, in pixels."""
_NAME, _MODEL, _NOTES = (next(i for i, it in enumerate(COLUMNS) if it.title == t) for t in ("Name", "Model", "Notes"))
_OPTIONAL = tuple(next(i for i, it in enumerate(COLUMNS) if it.title == t) for t in ("Seed", "Steps", "State", "When"))
"""Columns that are hidden, in this order, if names would become too narrow; the tooltip has their content."""


class RunView(QTableView):
    """Selects a row when it gets the focus by keyboard; Qt only sets the current row and never selects it."""

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Select the current row, unless rows are selected."""
        super().focusInEvent(event)
        by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_keyboard and not self.selectionModel().hasSelection():
            self.selectRow(max(self.currentIndex().row(), 0))


class RunBrowser(Panel):
    """A table of runs; a double click opens a run, a right click shows the menu, F2 edits its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._table = RunTable(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._table)
        self._sorted.setSortRole(SORT_ROLE)
        self._sorted.setFilterKeyColumn(-1)
        self._sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._view = self._make_view()
        self._filter = SearchField(self, width=160)
        self._filter.textChanged.connect(self._sorted.setFilterFixedString)
        self.buttons = {key: self._button(key) for key in RUN_ACTIONS}
        self._lay_out()
        self.setFocusProxy(self._view)
        self._view.selectionModel().selectionChanged.connect(self._enable)
        self._table.dataChanged.connect(self._enable)
        self.retranslate()
        self.restyle()
        self._enable()

    def header_widgets(self) -> list[QWidget]:
        """Return the filter and the buttons of the actions."""
        return [self._filter, *self.buttons.values()]

    def draw(self, scene: Scene) -> None:
        """Show the steps and scores of the active run."""
        before, self._scene = self._scene, scene
        front = ((run_label(scene.name, scene.story), scene.story),) if scene.story is not None else ()
        self._table.show_names({story.run: name for name, story in (*scene.overlays, *front)})
        self._update_active()
        if any(getattr(before, name) != getattr(scene, name) for name in ("state", "folder", "overlays")):
            self._enable()

    def _update_active(self) -> None:
        scene = self._scene
        if scene.state in ACTIVE and scene.story is not None and scene.folder is not None:
            self._table.update_run(scene.folder, scene.story, scene.state)

    def subtitle(self) -> str:
        """Return the number of runs."""
        count = len(self._table.rows)
        return tr("{count} stored", count=count) if count else ""

    def show_runs(self, rows: tuple[RunRow, ...]) -> None:
        """Show these runs, newest first."""
        chosen = set(self._chosen())
        self._table.show_rows(rows)
        if any(row.folder == self._scene.folder and not row.is_over for row in rows):
            self._update_active()  # the stored overview of an active run is older than its story
        self._note.reveal(content=bool(rows))
        self._fit_columns()
        for number, row in enumerate(rows):
            if row.folder in chosen:
                index = self._sorted.mapFromSource(self._table.index(number, 0))
                self._view.selectRow(index.row())
        self._enable()

    def _fit_columns(self) -> None:
        """Hide the model if all runs have the same, and optional columns until the names are wide enough."""
        rows, header, readable = self._table.rows, self._view.horizontalHeader(), scaled(READABLE)
        hidden = {_MODEL} if len({row.model for row in rows}) < 2 else set()
        needed = {
            column: max(header.sectionSizeHint(column), self._view.sizeHintForColumn(column))
            for column in range(len(COLUMNS))
            if column not in {_NAME, _NOTES} | hidden
        }
        available = self._view.viewport().width() - readable
        for column in _OPTIONAL:
            if sum(needed.values()) > available and needed.pop(column, 0):
                hidden.add(column)
        if not any(row.labels for row in rows) or available - sum(needed.values()) < readable:
            hidden.add(_NOTES)
        for column in (_MODEL, _NOTES, *_OPTIONAL):
            self._view.setColumnHidden(column, column in hidden)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the columns to the new width."""
        super().resizeEvent(event)
        self._fit_columns()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._note.set_text(tr("No runs yet. Each run is stored by itself: press play, and it appears here."))
        self._filter.name(tr("Filter runs"), tr("Show only the runs in which this text occurs"))
        self._view.setAccessibleName(tr("Stored runs"))
        for key, run_action in RUN_ACTIONS.items():
            self.buttons[key].setAccessibleName(tr(run_action.name))
        self._table.retranslate()
        self._enable()

    def restyle(self) -> None:
        """Draw the icons in the theme's colours, and fit the rows to the type size."""
        self._view.verticalHeader().setDefaultSectionSize(max(scaled(_ROW) - _ROW // 4, _ROW))
        for key, run_action in RUN_ACTIONS.items():
            self.buttons[key].setIcon(icon(run_action.icon))

    def menu(self) -> QMenu:
        """Return the context menu of the selected runs."""
        menu, rows = QMenu(self), self._chosen_rows()
        menu.setToolTipsVisible(True)
        for key, run_action in RUN_ACTIONS.items():
            action = menu.addAction(icon(run_action.icon), tr(run_action.name))
            action.setData(key)
            objection = run_action.objection(rows, self._scene)
            action.setEnabled(not objection)
            action.setToolTip(objection or tr(run_action.tip))
        menu.triggered.connect(self._trigger)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Edit the selected run's name with F2."""
        if event.key() == Qt.Key.Key_F2 and self.buttons["describe"].isEnabled():
            self._request("describe")
        else:
            super().keyPressEvent(event)

    def _make_view(self) -> QTableView:
        view = RunView(self)
        view.setModel(self._sorted)
        view.setSortingEnabled(True)
        view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # because names of runs differ at their ends
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (_NAME, _NOTES):
            view.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        view.horizontalHeader().setHighlightSections(False)
        view.activated.connect(self._open)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show_menu)
        return view

    def _lay_out(self) -> None:
        content = QWidget(self)
        box = QVBoxLayout(content)
        box.setContentsMargins(8, 0, 8, 4)
        box.addWidget(self._view)
        self._note = EmptyNote(content, self)

    def _button(self, key: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("flat", True)
        button.clicked.connect(partial(self._request, key))
        return button

    def _enable(self) -> None:
        """Enable the possible actions; the tooltip of a disabled one has the reason."""
        rows = self._chosen_rows()
        for key, run_action in RUN_ACTIONS.items():
            objection = run_action.objection(rows, self._scene)
            self.buttons[key].setEnabled(not objection)
            self.buttons[key].setToolTip(objection or tr(run_action.tip))

    def _chosen_rows(self) -> tuple[RunRow, ...]:
        # not selectedRows, which omits rows with a hidden column
        indexes = map(self._sorted.mapToSource, self._view.selectionModel().selectedIndexes())
        return tuple(self._table.rows[number] for number in dict.fromkeys(index.row() for index in indexes))

    def _chosen(self) -> tuple[Path, ...]:
        return tuple(row.folder for row in self._chosen_rows())

    def _request(self, key: str) -> None:
        for request in RUN_ACTIONS[key].request(self._chosen()):
            self.requested.emit(request)

    def _open(self) -> None:
        for folder in self._chosen()[:1]:
            self.requested.emit(OpenRun(folder))

    def _trigger(self, action: QAction) -> None:
        self._request(action.data())

    def _show_menu(self, position: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._view.viewport().mapToGlobal(position))
