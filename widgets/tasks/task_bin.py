"""The task bin: every task, to be dragged onto the timeline."""

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
_MIN_WIDTH = 152
"""Least width in pixels at the normal type size, at which titles are still legible."""


class TaskList(QListView):
    """A list of tasks that can be dragged, or appended by a double click or Enter.

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
        """Start dragging the current row, with its image below the cursor."""
        row = self.row_at(self.currentIndex())
        if row is None:
            return
        drag = QDrag(self)
        drag.setMimeData(pack(row.spec.key, row.kind))
        box = self.visualRect(self.currentIndex())
        drag.setPixmap(self.viewport().grab(QRect(box.topLeft(), box.size())))
        drag.exec(Qt.DropAction.CopyAction)
        # during a drag Qt sends the view no leave event, and the row would stay highlighted
        QApplication.sendEvent(self.viewport(), QEvent(QEvent.Type.Leave))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Emit `chosen` with the current row on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def row_at(self, index: QModelIndex) -> TaskRow | None:
        """Return the task of a row; None for a heading."""
        row: TaskRow | None = index.data(ROW_ROLE)
        return row

    def choose(self, index: QModelIndex) -> None:
        """Emit the task of a row; do nothing for a heading."""
        row = self.row_at(index)
        if row is not None:
            self.chosen.emit(row)


class TaskBin(Panel):
    """The library of tasks with a search field, and a field for any other Gymnasium id.

    Signals:
        ids_changed: tuple of str: the Gymnasium ids that the person added.
    """

    ids_changed = Signal(object)

    def __init__(self, model: CurriculumModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._added: dict[str, TaskSpec] = {}
        self._tried = self._problem_text = ""
        """The id that is being tried, and the text below the list."""
        self.search = SearchField()
        self.search.textChanged.connect(self._list)
        self.search.installEventFilter(self)
        self.tasks = TaskList()
        self.tasks.chosen.connect(self._append)
        self._items = QStandardItemModel(self)
        self.tasks.setModel(self._items)
        self.new_id = QLineEdit()
        self.new_id.returnPressed.connect(self._add_typed)
        self.new_id.textEdited.connect(self._hide_problem)
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
        """The Gymnasium ids that the person added."""
        return tuple(key.removeprefix("gym:") for key in self._added)

    def add_id(self, gym_id: str) -> None:
        """Add a Gymnasium environment that passed its trial."""
        spec = find_task(f"gym:{gym_id}")
        self._added[spec.key] = spec
        self._tried = ""
        self.new_id.clear()
        self._hide_problem()
        self.search.clear()
        self._list()
        self.tasks.setCurrentIndex(self._items.index(self._items.rowCount() - 1, 0))
        self.ids_changed.emit(self.ids)

    def refuse_id(self, gym_id: str, reason: str) -> None:
        """Show why a Gymnasium environment failed its trial."""
        if gym_id == self._tried:
            self._tried = ""
            self._show_problem(refusal_text(gym_id, reason))

    def retranslate(self) -> None:
        """Translate every text."""
        self.search.name(tr("Search worlds and tasks"))
        meaning = tr("Any Gymnasium environment with discrete actions, such as Blackjack-v1")
        set_placeholder(self.new_id, tr("Add a Gymnasium id"), meaning)
        self.new_id.setAccessibleName(tr("Add a Gymnasium id"))
        self.tasks.setAccessibleName(tr("Tasks"))
        self.problem.setText(retranslate(self._problem_text))
        self._list()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return a width at which titles are legible, whatever the neighbouring cards need."""
        return QSize(scaled(_MIN_WIDTH), super().minimumSizeHint().height())

    def restyle(self) -> None:
        """Repaint the rows in the colours of the theme."""
        self.tasks.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Move the focus to the list on Down, and append the first result on Enter."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.tasks.setFocus(Qt.FocusReason.TabFocusReason)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.search.text():
                self.tasks.choose(self.tasks.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _list(self) -> None:
        """Build the rows that match the search."""
        found = grouped(row for row in task_rows(self._added.values()) if row.matches(self.search.text()))
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
        """Give each task of the curriculum its colour, and grey to the others."""
        used: dict[tuple[str, str], int] = {}
        known = self._model.colours.known
        for stage in self._model.stages:
            used.setdefault((stage.task, stage.kind), known[stage.configured_task.identity])
        for position in range(self._items.rowCount()):
            item = self._items.item(position)
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
            self._show_problem(error.args[0])  # not `str(error)`, which `retranslate` could not translate
            return
        self._tried = spec.key.removeprefix("gym:")
        self._show_problem(tr("Trying out {world}…", world=self._tried))
        self.requested.emit(TryWorld(self._tried))

    def _show_problem(self, text: str) -> None:
        self._problem_text = text
        self.problem.setText(text)
        self.problem.show()

    def _hide_problem(self) -> None:
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
    import gymnasium  # takes half a second, and only typing an id needs it

    gym_id = spec.key.removeprefix("gym:")
    try:
        gymnasium.spec(gym_id)
    except gymnasium.error.Error as error:
        raise ValueError(unknown_world_text(gym_id, str(error))) from error
