"""Every stored run: to be opened, lived on, forked, compared, described, exported or thrown away."""

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

LIVE = ("running", "paused")
READABLE = 160
"""Pixels that a name or a note needs to be told from others, in type of normal size."""
_ROW = 24
"""Least height of a row, in pixels."""
_NAME, _MODEL, _NOTES = (next(i for i, it in enumerate(COLUMNS) if it.title == t) for t in ("Name", "Model", "Notes"))
_GIVE_WAY = tuple(next(i for i, it in enumerate(COLUMNS) if it.title == t) for t in ("Seed", "Steps", "State", "When"))
"""What is left to the tooltip where names would not be readable, the first of these first."""


class RunView(QTableView):
    """Chooses a run as soon as the keyboard comes: Qt would only mark it, and where there is one, never choose it."""

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Choose the row that the keyboard stands on, unless something is chosen."""
        super().focusInEvent(event)
        by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_keyboard and not self.selectionModel().hasSelection():
            self.selectRow(max(self.currentIndex().row(), 0))


class RunBrowser(Panel):
    """A table of runs; a double click opens one, a right click offers everything, F2 describes it."""

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
        """Filter, and what can be done with the chosen runs."""
        return [self._filter, *self.buttons.values()]

    def draw(self, scene: Scene) -> None:
        """Show how far the run has come that is being lived, and what it scores by now."""
        before, self._scene = self._scene, scene
        front = ((run_label(scene.name, scene.story), scene.story),) if scene.story is not None else ()
        self._table.show_names({story.run: name for name, story in (*scene.overlays, *front)})
        self._follow()
        if any(getattr(before, name) != getattr(scene, name) for name in ("state", "folder", "overlays")):
            self._enable()

    def _follow(self) -> None:
        scene = self._scene
        if scene.state in LIVE and scene.story is not None and scene.folder is not None:
            self._table.show_live(scene.folder, scene.story, scene.state)

    def subtitle(self) -> str:
        """How many there are."""
        count = len(self._table.rows)
        return tr("{count} stored", count=count) if count else ""

    def show_runs(self, rows: tuple[RunRow, ...]) -> None:
        """Show these runs, newest first."""
        chosen = set(self._chosen())
        self._table.show_rows(rows)
        if any(row.folder == self._scene.folder and not row.is_over for row in rows):
            self._follow()  # what is stored of a run that goes on is older than what was told of it
        self._note.reveal(content=bool(rows))
        self._share_room()
        for place, row in enumerate(rows):
            if row.folder in chosen:
                index = self._sorted.mapFromSource(self._table.index(place, 0))
                self._view.selectRow(index.row())
        self._enable()

    def _share_room(self) -> None:
        """Leave names their room: a model that all runs have is not shown, nor what would push names together."""
        rows, header, readable = self._table.rows, self._view.horizontalHeader(), scaled(READABLE)
        hidden = {_MODEL} if len({row.model for row in rows}) < 2 else set()
        needed = {
            place: max(header.sectionSizeHint(place), self._view.sizeHintForColumn(place))
            for place in range(len(COLUMNS))
            if place not in {_NAME, _NOTES} | hidden
        }
        room = self._view.viewport().width() - readable
        for place in _GIVE_WAY:
            if sum(needed.values()) > room and needed.pop(place, 0):
                hidden.add(place)
        if not any(row.labels for row in rows) or room - sum(needed.values()) < readable:
            hidden.add(_NOTES)
        for place in (_MODEL, _NOTES, *_GIVE_WAY):
            self._view.setColumnHidden(place, place in hidden)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the new room out among the columns."""
        super().resizeEvent(event)
        self._share_room()

    def retranslate(self) -> None:
        """Write every text again."""
        self._note.say(tr("No runs yet. Each run is stored by itself: press play, and it appears here."))
        self._filter.name(tr("Filter runs"), tr("Show only the runs in which this text occurs"))
        self._view.setAccessibleName(tr("Stored runs"))
        for key, deed in RUN_ACTIONS.items():
            self.buttons[key].setAccessibleName(tr(deed.name))
        self._table.retranslate()
        self._enable()

    def restyle(self) -> None:
        """Draw the icons in the colours of the theme, and rows in the size of the type."""
        self._view.verticalHeader().setDefaultSectionSize(max(scaled(_ROW) - _ROW // 4, _ROW))
        for key, deed in RUN_ACTIONS.items():
            self.buttons[key].setIcon(icon(deed.icon))

    def menu(self) -> QMenu:
        """Return what can be done with the chosen runs."""
        menu, rows = QMenu(self), self._chosen_rows()
        menu.setToolTipsVisible(True)
        for key, deed in RUN_ACTIONS.items():
            action = menu.addAction(icon(deed.icon), tr(deed.name))
            action.setData(key)
            said = deed.objection(rows, self._scene)
            action.setEnabled(not said)
            action.setToolTip(said or tr(deed.tip))
        menu.triggered.connect(self._obey)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Describe the chosen run with F2."""
        if event.key() == Qt.Key.Key_F2 and self.buttons["describe"].isEnabled():
            self._do("describe")
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
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names of runs and forks differ at their ends
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for place in (_NAME, _NOTES):
            view.horizontalHeader().setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
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
        button.clicked.connect(partial(self._do, key))
        return button

    def _enable(self) -> None:
        """Enable what can be done now; the tooltip of what can't says why."""
        rows = self._chosen_rows()
        for key, deed in RUN_ACTIONS.items():
            said = deed.objection(rows, self._scene)
            self.buttons[key].setEnabled(not said)
            self.buttons[key].setToolTip(said or tr(deed.tip))

    def _chosen_rows(self) -> tuple[RunRow, ...]:
        # not selectedRows: to Qt, a row of which a column is hidden is not selected
        indexes = map(self._sorted.mapToSource, self._view.selectionModel().selectedIndexes())
        return tuple(self._table.rows[place] for place in dict.fromkeys(index.row() for index in indexes))

    def _chosen(self) -> tuple[Path, ...]:
        return tuple(row.folder for row in self._chosen_rows())

    def _do(self, key: str) -> None:
        for request in RUN_ACTIONS[key].request(self._chosen()):
            self.requested.emit(request)

    def _open(self) -> None:
        for folder in self._chosen()[:1]:
            self.requested.emit(OpenRun(folder))

    def _obey(self, action: QAction) -> None:
        self._do(action.data())

    def _show_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._view.viewport().mapToGlobal(place))
