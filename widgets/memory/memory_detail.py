"""One memory in full: its picture, what was read, what was done; and what may be done with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from agents.events import MemoryEntry
from widgets.style.numbers import count, signed
from widgets.style.panel_style import GAP, row
from widgets.style.scroll_areas import vertical_scroll_area
from widgets.style.translation import tr
from widgets.views.picture_view import PictureView

PICTURE = 88
"""Side of the picture in a narrow panel, in pixels."""


class MemoryDetail(QWidget):
    """The buttons `pin` and `erase` act on the selection."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: MemoryEntry | None = None
        self._task, self._lost = "", False
        self.picture = PictureView()
        self._words = QLabel(wordWrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setMinimumWidth(120)
        self.pin, self.erase = QPushButton(), QPushButton()
        for button in (self.pin, self.erase):
            button.setIconSize(QSize(14, 14))
        side = QVBoxLayout()
        side.setSpacing(GAP)
        area = vertical_scroll_area(self._words)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side.addWidget(area, 1)
        side.addLayout(row(self.pin, self.erase, None))
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(3 * GAP)
        self._layout.addWidget(self.picture)
        self._layout.addLayout(side, 1)
        self.stand(upright=False)

    def stand(self, *, upright: bool) -> None:
        """Lay the picture above the words, in a wide panel, or beside them."""
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._layout.setDirection(down if upright else across)
        side = 2 * PICTURE if upright else PICTURE
        self.picture.setFixedSize(side, side)
        self.setMaximumHeight(16_777_215 if upright else PICTURE)
        self.setFixedWidth(side) if upright else self._free_width()

    def _free_width(self) -> None:
        self.setMinimumWidth(0)
        self.setMaximumWidth(16_777_215)

    def show_entry(self, entry: MemoryEntry | None, task: str) -> None:
        """Show a memory, given its task's name; its picture comes later."""
        if entry is not self._entry:
            self.picture.show_picture(None)
        self._entry, self._task, self._lost = entry, task, False
        self._tell()

    @property
    def entry(self) -> MemoryEntry | None:
        """The memory that is shown, remembered still or not."""
        return self._entry

    def lose(self) -> None:
        """Say that the memory looked at is gone: it was replaced, or erased."""
        if self._entry is not None and not self._lost:
            self._lost = True
            self._tell()

    def show_picture(self, entry_id: int, picture: Any) -> None:
        """Show the picture of the moment, if it is still the one that is looked at."""
        if self._entry is not None and self._entry.id == entry_id:
            self.picture.show_picture(picture)

    def retranslate(self) -> None:
        """Write every text again."""
        self.picture.setAccessibleName(tr("Picture of the remembered moment"))
        self._tell()

    def _tell(self) -> None:
        if (entry := self._entry) is None:
            self._words.setText(tr("Select a memory to see its moment."))
            self.picture.set_placeholder("")
            return
        self.picture.set_placeholder(tr("No picture") if entry.picture_state is None else "")
        when = tr("step {step}", step=count(entry.step))
        lines = [f"{self._task} · {when} · → {entry.action}  {signed(entry.reward)}", entry.text]
        self._words.setText("\n".join([*lines, tr("No longer remembered.")] if self._lost else lines))
