"""Everything that can be learned, to be dragged onto the timeline."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from envs.task import TaskSpec, find_task
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.curriculum.task_drag import pack, stage_for
from widgets.forms.search_field import SearchField
from widgets.panel import Panel
from widgets.requests import TryWorld
from widgets.style.text_metrics import scaled, set_placeholder
from widgets.style.translation import retranslate, tr
from widgets.style.world_fault_text import refusal_text, unknown_world_text
from widgets.tasks.task_rows import HUE_ROLE, ROW_ROLE, RowPainter, TaskRow, grouped, task_rows

SIDE = 14
_NARROWEST = 152
"""Least width in type of normal size, in pixels: names stay recognisable."""


class TaskList(QListView):
    """Rows that can be dragged out, or appended by double click and Enter.

    Signals:
        chosen: a `TaskRow` to be appended.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(RowPainter(self))
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(self.choose)

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: N802
        """Carry the current row away, under its picture."""
        row = self.row_at(self.currentIndex())
        if row is None:
            return
        drag = QDrag(self)
        drag.setMimeData(pack(row.spec.key, row.kind))
        box = self.visualRect(self.currentIndex())
        drag.setPixmap(self.viewport().grab(QRect(box.topLeft(), box.size())))
        drag.exec(Qt.DropAction.CopyAction)
        # while something is carried, nothing tells the view that the mouse has left it
        QApplication.sendEvent(self.viewport(), QEvent(QEvent.Type.Leave))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Append the current row on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def row_at(self, index: QModelIndex) -> TaskRow | None:
        """Return the task of a row; None for a heading."""
        row: TaskRow | None = index.data(ROW_ROLE)
        return row

    def choose(self, index: QModelIndex) -> None:
        """Ask for the task of a row to be appended; a heading asks for nothing."""
        row = self.row_at(index)
        if row is not None:
            self.chosen.emit(row)


class TaskBin(Panel):
    """The library of tasks with a search field, and a field for any other Gymnasium id.

    Signals:
        ids_changed: tuple of str, the person's own Gymnasium ids.
    """

    ids_changed = Signal(object)

    def __init__(self, model: CurriculumModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._own: dict[str, TaskSpec] = {}
        self._tried = self._said = ""
        """The id that is being tried."""
        self.search = SearchField()
        self.search.textChanged.connect(self._list)
        self.search.installEventFilter(self)
        self.tasks = TaskList()
        self.tasks.chosen.connect(self._append)
        self._items = QStandardItemModel(self)
        self.tasks.setModel(self._items)
        self.new_id = QLineEdit()
        self.new_id.returnPressed.connect(self._add_typed)
        self.new_id.textEdited.connect(self._forget_problem)
        self.problem = QLabel(wordWrap=True)
        self.problem.setProperty("small", True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 0, SIDE, 12)
        column.setSpacing(4)
        for widget in (self.search, self.tasks, self.new_id, self.problem):
            column.addWidget(widget)
        self.setFocusProxy(self.search)
        model.changed.connect(self._colour)
        self.retranslate()

    @property
    def ids(self) -> tuple[str, ...]:
        """The person's own Gymnasium ids."""
        return tuple(key.removeprefix("gym:") for key in self._own)

    def add_id(self, gym_id: str) -> None:
        """Offer another Gymnasium environment that was found fit to live in."""
        spec = find_task(f"gym:{gym_id}")
        self._own[spec.key] = spec
        self._tried = ""
        self.new_id.clear()
        self._forget_problem()
        self.search.clear()
        self._list()
        self.tasks.setCurrentIndex(self._items.index(self._items.rowCount() - 1, 0))
        self.ids_changed.emit(self.ids)

    def refuse_id(self, gym_id: str, reason: str) -> None:
        """Say why nobody can live in a Gymnasium environment."""
        if gym_id == self._tried:
            self._tried = ""
            self._complain(refusal_text(gym_id, reason))

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.search.name(tr("Search worlds and tasks"))
        meaning = tr("Any Gymnasium environment with discrete actions, such as Blackjack-v1")
        set_placeholder(self.new_id, tr("Add a Gymnasium id"), meaning)
        self.new_id.setAccessibleName(tr("Add a Gymnasium id"))
        self.tasks.setAccessibleName(tr("Tasks"))
        self.problem.setText(retranslate(self._said))
        self._list()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Need room for the names of tasks: the cards beside this one must not push it together."""
        return QSize(scaled(_NARROWEST), super().minimumSizeHint().height())

    def restyle(self) -> None:
        """Paint the rows in the colours of the theme."""
        self.tasks.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Go from the search field down into the list, and append on Enter what was found first."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.tasks.setFocus(Qt.FocusReason.TabFocusReason)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.search.text():
                self.tasks.choose(self.tasks.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _list(self) -> None:
        """Build the rows that answer the search."""
        found = grouped(row for row in task_rows(self._own.values()) if row.answers(self.search.text()))
        self._items.clear()
        for heading, rows in found.items():
            self._items.appendRow(_heading(heading))
            for row in rows:
                self._items.appendRow(_item(row))
        if not found:
            self._items.appendRow(_heading(tr("No task is called like this.")))
        self.tasks.setCurrentIndex(self._items.index(1, 0) if found else QModelIndex())
        self._colour()

    def _colour(self) -> None:
        """Give each task its colour, or grey if the curriculum does not use it."""
        used: dict[tuple[str, str], int] = {}
        known = self._model.colours.known
        for stage in self._model.stages:
            used.setdefault((stage.task, stage.kind), known[stage.configured_task.identity])
        for place in range(self._items.rowCount()):
            item = self._items.item(place)
            row = item.data(ROW_ROLE)
            hue = used.get((row.spec.key, row.kind)) if row is not None else None
            if item.data(HUE_ROLE) != hue:
                item.setData(hue, HUE_ROLE)

    def _append(self, row: TaskRow) -> None:
        self._model.insert(len(self._model.stages), stage_for(row.spec.key, row.kind))

    def _add_typed(self) -> None:
        typed = self.new_id.text().strip()
        if not typed:
            return
        try:
            spec = find_task(f"gym:{typed.removeprefix('gym:')}")
            _must_exist(spec)
        except ValueError as error:
            self._complain(error.args[0])  # not as `str`, or it could not be said in another language
            return
        self._tried = spec.key.removeprefix("gym:")
        self._complain(tr("Trying whether an agent can live in {world}…", world=self._tried))
        self.requested.emit(TryWorld(self._tried))

    def _complain(self, said: str) -> None:
        self._said = said
        self.problem.setText(said)
        self.problem.show()

    def _forget_problem(self) -> None:
        self.problem.hide()


def _heading(title: str) -> QStandardItem:
    item = QStandardItem(title)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


def _item(row: TaskRow) -> QStandardItem:
    item = QStandardItem(row.title)
    item.setData(row, ROW_ROLE)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled)
    hint = tr("Drag it onto the timeline, or double-click to append it.")
    item.setToolTip(f"<b>{escape(row.title)}</b><br>{escape(row.summary)}<br>{escape(hint)}")
    item.setData(row.summary, Qt.ItemDataRole.AccessibleDescriptionRole)
    return item


def _must_exist(spec: TaskSpec) -> None:
    import gymnasium  # half a second, and needed only by who types an id

    gym_id = spec.key.removeprefix("gym:")
    try:
        gymnasium.spec(gym_id)
    except gymnasium.error.Error as error:
        raise ValueError(unknown_world_text(gym_id, str(error))) from error
