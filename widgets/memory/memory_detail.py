"""The details of one memory: picture, sentence, action and reward, with buttons to pin and erase."""

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
    """Shows one memory; the buttons `pin` and `erase` are connected by the inspector."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: MemoryEntry | None = None
        self._task, self._is_removed = "", False
        self.picture = PictureView()
        self._text = QLabel(wordWrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setMinimumWidth(120)
        self.pin, self.erase = QPushButton(), QPushButton()
        for button in (self.pin, self.erase):
            button.setIconSize(QSize(14, 14))
        side = QVBoxLayout()
        side.setSpacing(GAP)
        area = vertical_scroll_area(self._text)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side.addWidget(area, 1)
        side.addLayout(row(self.pin, self.erase, None))
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(3 * GAP)
        self._layout.addWidget(self.picture)
        self._layout.addLayout(side, 1)
        self.set_upright(False)

    def set_upright(self, upright: bool) -> None:
        """Place the picture above the text (in a wide panel) or beside it."""
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
        """Show a memory and its task's name; its picture is set later by `show_picture`."""
        if entry is not self._entry:
            self.picture.show_picture(None)
        self._entry, self._task, self._is_removed = entry, task, False
        self._update()

    @property
    def entry(self) -> MemoryEntry | None:
        """The memory that is shown, also after its removal."""
        return self._entry

    def mark_removed(self) -> None:
        """Show that the memory was replaced or erased."""
        if self._entry is not None and not self._is_removed:
            self._is_removed = True
            self._update()

    def show_picture(self, entry_id: int, picture: Any) -> None:
        """Show the picture of a memory, if it is still the current one."""
        if self._entry is not None and self._entry.id == entry_id:
            self.picture.show_picture(picture)

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.picture.setAccessibleName(tr("Picture of the memory"))
        self._update()

    def _update(self) -> None:
        if (entry := self._entry) is None:
            self._text.setText(tr("Select a memory to see its details."))
            self.picture.set_placeholder("")
            return
        self.picture.set_placeholder(tr("No picture") if entry.picture_state is None else "")
        when = tr("step {step}", step=count(entry.step))
        lines = [f"{self._task} · {when} · → {entry.action}  {signed(entry.reward)}", entry.text]
        self._text.setText("\n".join([*lines, tr("No longer remembered.")] if self._is_removed else lines))
