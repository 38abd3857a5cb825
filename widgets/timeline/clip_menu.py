"""The context menu of a clip."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from envs.task import library
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.style.translation import tr


class ClipMenu(QMenu):
    """Offers options, copy, removal and swap of one clip; a finished clip cannot be removed or swapped.

    Signals:
        opened: show the clip's options.
        duplicated, removed: copy the clip, or remove it.
        swapped: key of the task to replace the clip's task by.
        forked: fork the run at `step`.
    """

    opened = Signal()
    duplicated = Signal()
    removed = Signal()
    swapped = Signal(str)
    forked = Signal()

    def __init__(
        self, model: CurriculumModel, id_: str, parent: QWidget | None = None, *, step: int | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        running = model.is_running(id_)
        can_change = bool(id_) and (running or model.is_open(id_))
        self._offer(tr("Options…"), self.opened, bool(id_), "Return")
        self._offer(tr("Duplicate"), self.duplicated, bool(id_), "Ctrl+D")
        swap = self.addMenu(tr("Swap for"))
        swap.setEnabled(can_change)
        if can_change:
            self._fill(swap, model.stage(id_).task)
        self.addSeparator()
        self._offer(tr("End it here") if running else tr("Remove"), self.removed, can_change, "Del")
        self.addSeparator()
        fork = tr("Fork from here…") if step is None else tr("Fork from step {step}…", step=f"{step:,}")
        self._offer(fork, self.forked, step is not None)

    def open_at(self, position: QPoint) -> None:
        """Show the menu at a position of the screen."""
        self.popup(position)

    def _offer(self, text: str, signal: SignalInstance, enabled: bool, keys: str = "") -> None:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))  # shown only: the timeline itself listens to the keys
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setEnabled(enabled)
        action.triggered.connect(signal)
        self.addAction(action)

    def _fill(self, menu: QMenu, current_key: str) -> None:
        groups: dict[str, QMenu] = {}
        for spec in library():
            submenu = groups.get(spec.group) or groups.setdefault(spec.group, menu.addMenu(tr(spec.group)))
            action = submenu.addAction(tr(spec.title))
            action.setData(spec.key)
            action.setEnabled(spec.key != current_key)
            action.setToolTip(tr(spec.summary))
        menu.triggered.connect(self._swap)

    def _swap(self, action: QAction) -> None:
        self.swapped.emit(action.data())
