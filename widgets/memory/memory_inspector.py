"""What the agent remembers: look into it, pin it, erase it."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from agents.commands import EraseMemories, PinMemories
from agents.story import Story
from widgets.forms.search_field import SearchField
from widgets.memory.memory_detail import PICTURE, MemoryDetail
from widgets.memory.memory_table import MemoryTable
from widgets.memory.task_chips import TaskChips
from widgets.panel import Panel
from widgets.requests import PictureMemory
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.panel_style import GAP, MARGIN, adopt
from widgets.style.task_names import TaskName, task_names
from widgets.style.translation import tr

_REFRESH_MS, _PICTURE_MS, _SEARCH_MS = 1_000, 80, 120
_SHARE = 20
"""Refreshing takes at most one twentieth of the time."""
_WIDE = 680


class MemoryInspector(Panel):
    """A table of memories with search, a filter by task, and the picture of a moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._held: tuple[Story | None, int] = (None, 0)
        self._names: list[TaskName] = []
        self.search = SearchField(width=150)
        self.chips, self.table, self.detail = TaskChips(), MemoryTable(), MemoryDetail()
        self._refreshing = _timer(self, _REFRESH_MS, self._refresh)
        self._picturing = _timer(self, _PICTURE_MS, self._ask_picture)
        self._searching = _timer(self, _SEARCH_MS, self._narrow)
        self.search.textChanged.connect(self._searching.start)
        self.chips.chosen.connect(self._narrow)
        self.table.picked.connect(self._picked)
        self.table.erase_pressed.connect(self._erase)
        self.detail.erase.clicked.connect(self._erase)
        self.detail.pin.clicked.connect(self._pin)
        content = QWidget()
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._layout.setSpacing(2 * GAP)
        self._layout.addWidget(self.table, 1)
        self._layout.addWidget(self.detail)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(MARGIN, 0, MARGIN, MARGIN - GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.chips)
        layout.addLayout(self._layout, 1)
        self._note = EmptyNote(content, self)
        adopt(self.header_widgets(), self)
        self.restyle()
        self.retranslate()

    def header_widgets(self) -> list[QWidget]:
        """The search field."""
        return [self.search]

    def draw(self, scene: Scene) -> None:
        """Show what is remembered at the moment looked at; a live run is followed once a second."""
        before, self._scene = self._scene, scene
        if (before.state, before.playhead) != (scene.state, scene.playhead):
            self._allow()
        if (story := scene.story) is None:
            self._note.reveal(content=False)
            return
        wanted = (story, story.until(scene.playhead).memory_version)
        if wanted == self._held:
            return
        if story is not self._held[0] or scene.state != "running":
            self._refresh()
        elif not self._refreshing.isActive():
            self._refreshing.start()

    def forget(self) -> None:
        """Hold no memories until a run tells some."""
        self._held = (None, 0)
        self.table.show_memories([], set(), [])
        self.detail.show_entry(None, "")

    def _refresh(self) -> None:
        if (story := self._scene.story) is None:
            return
        began = time.perf_counter()
        view = story.until(self._scene.playhead)
        self._held = (story, view.memory_version)
        self._names = task_names(view.tasks, self._scene.colours)
        self.table.show_memories(view.memory(), view.pinned(), self._names)
        self._note.reveal(content=self.table.memories.held > 0)
        self.chips.show_counts(self._names, self.table.memories.counts())
        if self.table.current is None:
            self.detail.lose()
            self._allow()
        else:
            self._picked()
        spent = (time.perf_counter() - began) * 1_000
        self._refreshing.setInterval(max(_REFRESH_MS, round(_SHARE * spent)))

    def _narrow(self) -> None:
        self.table.memories.narrow(self.chips.task, self.search.text())
        self._picked()

    def _picked(self) -> None:
        entry = self.table.current
        name = self._names[entry.column] if entry and entry.column < len(self._names) else ""
        self.detail.show_entry(entry, name)
        if entry is not None and entry.moment is not None and not self.detail.picture.has_picture:
            self._picturing.start()
        self._allow()

    def _ask_picture(self) -> None:
        entry = self.detail.entry  # which the table may have lost meanwhile
        if entry is not None and entry.moment is not None:
            side = round(2 * PICTURE * self.devicePixelRatioF())
            self.requested.emit(PictureMemory(entry, side))

    def show_picture(self, entry_id: int, picture: Any) -> None:
        """Take the picture that was asked for."""
        self.detail.show_picture(entry_id, picture)

    def _allow(self) -> None:
        chosen = self.table.chosen
        unpins = bool(chosen) and all(self.table.memories.is_pinned(entry) for entry in chosen)
        self.detail.allow(self._objection(), unpins=unpins, number=len(chosen))

    def _objection(self) -> str:
        """Return why memories can't be changed now; empty if they can."""
        if self._scene.state not in ("running", "paused"):
            return tr("Only the memory of a run that goes on can be changed")
        if self._scene.playhead is not None:
            return tr("This is the past: go back to now to change what is remembered")
        return "" if self.table.selectionModel().hasSelection() else tr("Select memories first")

    def _erase(self) -> None:
        if not self._objection():
            self.requested.emit(EraseMemories(ids=tuple(entry.id for entry in self.table.chosen)))

    def _pin(self) -> None:
        if not self._objection():
            chosen = self.table.chosen
            unpins = all(self.table.memories.is_pinned(entry) for entry in chosen)
            self.requested.emit(PinMemories(ids=tuple(entry.id for entry in chosen), pinned=not unpins))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the moment beside the table where there is room, else below."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self._layout.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self.detail.stand(upright=wide)

    def retranslate(self) -> None:
        """Write every text again."""
        self._note.say(tr("Moments that the agent keeps appear here while it learns: what it read, did and earned."))
        self.search.name(tr("Search memories"), tr("Words of the sentence or of the action"))
        self.table.setAccessibleName(tr("Memories"))
        self.chips.setAccessibleName(tr("Filter by task"))
        self.detail.retranslate()
        self._held = (None, 0)
        self.draw(self._scene)

    def restyle(self) -> None:
        """Take the colours of the theme; the picture, too."""
        self.detail.restyle()
        self._picturing.start()


def _timer(parent: Panel, interval: int, slot: Any) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=interval)
    timer.timeout.connect(slot)
    return timer
