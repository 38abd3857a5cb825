"""What the agent remembers: look into it, pin it, erase it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from agents.commands import EraseMemories, PinMemories
from agents.events import MemoryEntry
from agents.story import View
from widgets.forms.search_field import SearchField
from widgets.memory.memory_detail import PICTURE, MemoryDetail
from widgets.memory.memory_table import MemoryTable
from widgets.memory.task_chips import TaskChips
from widgets.panel import Panel
from widgets.requests import PictureMemory
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.numbers import count
from widgets.style.panel_style import GAP, reparent
from widgets.style.translation import tr
from widgets.views.entry_inspector import ButtonTexts, EntryInspector, EntryKind, EntryParts, EntryTexts
from widgets.views.entry_model import name_of_task

_PICTURE_MS, _SEARCH_MS = 80, 120
_WIDE = 680


class MemoryInspector(Panel):
    """The memory panel: a table of memories with search, a filter by task, and the details of one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(width=150)
        self.chips, self.table, self.detail = TaskChips(), MemoryTable(), MemoryDetail()
        kind: EntryKind[MemoryEntry] = EntryKind(
            version=lambda view, _: view.memory_version,
            is_pinned=self.table.memories.is_pinned,
            pin=lambda ids, pinned: PinMemories(ids=ids, pinned=pinned),
            erase=lambda ids: EraseMemories(ids=ids),
            texts=_texts,
        )
        parts: EntryParts[MemoryEntry] = EntryParts(
            filter=self.chips,
            view=self.table,
            selection=self.table,
            detail=self.detail,
            pin=self.detail.pin,
            erase=self.detail.erase,
        )
        self.inspector = EntryInspector(kind, parts, spacing=2 * GAP)
        self._note = EmptyNote(self.inspector, self)
        self._picturing = _timer(self, _PICTURE_MS, self._request_picture)
        self._searching = _timer(self, _SEARCH_MS, self._narrow)
        self.search.textChanged.connect(self._searching.start)
        self.chips.chosen.connect(self._narrow)
        self.inspector.refreshed.connect(self._show)
        self.inspector.picked.connect(self._show_current)
        self.inspector.requested.connect(self.requested)
        reparent(self.header_widgets(), self)
        self.restyle()
        self.retranslate()

    def header_widgets(self) -> list[QWidget]:
        """Return the search field."""
        return [self.search]

    def draw(self, scene: Scene) -> None:
        """Show the memories stored at the playhead; those of a running run are refreshed once a second."""
        if scene.story is None:
            self._note.reveal(content=False)
        self.inspector.draw(scene)

    def clear(self) -> None:
        """Clear the memories."""
        self.inspector.invalidate()
        self.table.show_memories([], set(), [])
        self.detail.show_entry(None, "")

    def _show(self, view: View) -> None:
        self.table.show_memories(view.memory(), view.pinned(), self.inspector.names)
        self._note.reveal(content=self.table.memories.total > 0)
        self.chips.show_counts(self.inspector.names, self.table.memories.counts())
        if self.table.current is None:
            self.detail.mark_removed()
            self.inspector.update_buttons()
        else:
            self.inspector.pick()

    def _narrow(self) -> None:
        self.table.memories.narrow(self.chips.task, self.search.text())
        self.inspector.pick()

    def _show_current(self) -> None:
        """Show the current memory's details."""
        entry = self.table.current
        self.detail.show_entry(entry, name_of_task(entry.task_id, self.inspector.names) if entry else "")
        if entry is not None and entry.picture_state is not None and not self.detail.picture.has_picture:
            self._picturing.start()

    def _request_picture(self) -> None:
        entry = self.detail.entry  # not the table's current entry, which may have been removed
        if entry is not None and entry.picture_state is not None:
            side = round(2 * PICTURE * self.devicePixelRatioF())
            self.requested.emit(PictureMemory(entry, side))

    def show_picture(self, entry_id: int, picture: Any) -> None:
        """Show the requested picture."""
        self.detail.show_picture(entry_id, picture)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Place the details beside the table if the panel is wide, else below."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self.inspector.set_details_beside(wide)
        self.detail.set_upright(wide)

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._note.set_text(tr("The agent's memories appear here while it learns: sentence, action and reward."))
        self.search.name(tr("Search memories"), tr("Words of the sentence or of the action"))
        self.table.setAccessibleName(tr("Memories"))
        self.chips.setAccessibleName(tr("Filter by task"))
        self.detail.retranslate()
        self.inspector.retranslate()

    def restyle(self) -> None:
        """Apply the theme's colours, also to the picture."""
        self.inspector.restyle()
        self._picturing.start()


def _texts(unpins: bool, number: int) -> EntryTexts:
    pin_tip = tr("They may be replaced again") if unpins else tr("They are never replaced")
    erase_tip = tr("They are not rehearsed any more; the weights do not change")
    selected = tr("{number} selected", number=count(number))
    return EntryTexts(
        pin=ButtonTexts(
            name=tr("Unpin the selected memories") if unpins else tr("Pin the selected memories"),
            tip=f"{pin_tip} ({selected})",
            text=tr("Unpin") if unpins else tr("Pin"),
        ),
        erase=ButtonTexts(name=tr("Erase the selected memories"), tip=f"{erase_tip} ({selected})", text=tr("Erase")),
        ended=tr("Only an active run's memory can be changed"),
        past=tr("This is the past: go back to now to change what is remembered"),
        unselected=tr("Select memories first"),
    )


def _timer(parent: Panel, interval: int, slot: Any) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=interval)
    timer.timeout.connect(slot)
    return timer
