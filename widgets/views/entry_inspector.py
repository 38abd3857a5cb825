"""A generic inspector of stored entries: a filter, the entries, the details of one, and buttons to pin and erase."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QVBoxLayout, QWidget

from agents.story import Story, View
from widgets.scene import Scene
from widgets.style.icons import icon
from widgets.style.panel_style import GAP, MARGIN
from widgets.style.task_names import TaskName, task_names
from widgets.views.entry_model import E, Entry

_REFRESH_MS = 1_000
"""Minimum time between two refreshes while a run is running, in milliseconds."""
_IDLE_FACTOR = 20
"""The next refresh waits at least this many times the duration of the last one."""

S = TypeVar("S", bound=Entry, covariant=True)


class Selection(Protocol[S]):
    """The selected entries of an `EntryTable`, or of the visible one of several tables."""

    @property
    def picked(self) -> SignalInstance:
        """Emitted when the selection or the current entry changes."""

    @property
    def erase_pressed(self) -> SignalInstance:
        """Emitted when the Delete key is pressed."""

    @property
    def chosen(self) -> Sequence[S]:
        """The selected entries, in the order shown."""

    @property
    def current(self) -> S | None:
        """The current entry: the one with the keyboard cursor."""


@dataclass(frozen=True, slots=True)
class ButtonTexts:
    """Texts of a button, in the current language."""

    name: str
    """The accessible name."""
    tip: str
    text: str = ""
    """Text on the button; empty for a button with an icon only."""


@dataclass(frozen=True, slots=True)
class EntryTexts:
    """Texts of the buttons and the reasons why they are disabled, in the current language."""

    pin: ButtonTexts
    erase: ButtonTexts
    ended: str
    """Why nothing can be changed when no run is active."""
    past: str
    """Why nothing can be changed while the playhead is in the past."""
    unselected: str
    """Why the buttons are disabled without a selection."""


@dataclass(frozen=True, slots=True)
class EntryKind(Generic[E]):
    """The behaviour of one kind of entry: memories or knowledge sentences."""

    version: Callable[[View, int | None], object]
    """Return the version of the entries for a view and a playhead: a new version means that they changed."""
    is_pinned: Callable[[E], bool]
    pin: Callable[[tuple[int, ...], bool], object]
    """Return the command that pins entries, by id, or unpins them (False)."""
    erase: Callable[[tuple[int, ...]], object]
    """Return the command that erases entries, by id."""
    texts: Callable[[bool, int], EntryTexts]
    """Return the texts, given whether the selected entries would be unpinned, and their number."""


@dataclass(frozen=True, slots=True)
class EntryParts(Generic[E]):
    """The widgets of an inspector."""

    filter: QWidget
    view: QWidget
    selection: Selection[E]
    """The selection in `view`."""
    detail: QWidget
    pin: QAbstractButton
    erase: QAbstractButton
    below: QWidget | None = None


class EntryInspector(QWidget, Generic[E]):
    """Shows the entries of a run; refreshed at most once a second, for at most a twentieth of the time.

    Signals:
        refreshed: a `View` of the run in front: show the entries stored at its step.
        picked: the selection or the current entry has changed.
        allowed: the buttons were enabled or disabled.
        requested: the command that pins or erases the selected entries.
    """

    refreshed = Signal(object)
    picked = Signal()
    allowed = Signal()
    requested = Signal(object)

    def __init__(self, kind: EntryKind[E], parts: EntryParts[E], *, spacing: int = GAP) -> None:
        super().__init__()
        self._kind, self._parts = kind, parts
        self.scene = Scene()
        """The last scene that was drawn."""
        self.names: list[TaskName] = []
        """Names of the tasks, by task id."""
        self._shown: tuple[Story | None, object] = (None, None)
        """Story and version of the entries that are shown."""
        self.refreshing = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self.refreshing.timeout.connect(self._refresh)
        parts.selection.picked.connect(self.pick)
        parts.selection.erase_pressed.connect(self._erase)
        parts.pin.clicked.connect(self._pin)
        parts.erase.clicked.connect(self._erase)
        self._across = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._across.setSpacing(spacing)
        self._across.addWidget(parts.view, 1)
        self._across.addWidget(parts.detail)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 0, MARGIN, MARGIN - GAP)
        layout.setSpacing(GAP)
        layout.addWidget(parts.filter)
        layout.addLayout(self._across, 1)
        if parts.below is not None:
            layout.addWidget(parts.below)

    def draw(self, scene: Scene) -> None:
        """Schedule a refresh for a running run; show another run, or another playhead, at once."""
        before, self.scene = self.scene, scene
        if (before.state, before.playhead) != (scene.state, scene.playhead):
            self.update_buttons()
        if (story := scene.story) is None:
            return
        if self._shown == (story, self._kind.version(story.until(scene.playhead), scene.playhead)):
            return
        is_followed = story is self._shown[0] and scene.state == "running"
        if not is_followed or scene.playhead is not None or before.playhead is not None:
            self._refresh()
        elif not self.refreshing.isActive():
            self.refreshing.start()

    def invalidate(self) -> None:
        """Show all entries again at the next `draw`."""
        self._shown = (None, None)

    def _refresh(self) -> None:
        if (story := self.scene.story) is None:
            return
        started = time.perf_counter()
        view = story.until(self.scene.playhead)
        self._shown = (story, self._kind.version(view, self.scene.playhead))
        self.names = task_names(view.tasks, self.scene.colours)
        self.refreshed.emit(view)
        elapsed = (time.perf_counter() - started) * 1_000
        self.refreshing.setInterval(max(_REFRESH_MS, round(_IDLE_FACTOR * elapsed)))

    def pick(self) -> None:
        """React to a new selection."""
        self.picked.emit()
        self.update_buttons()

    def update_buttons(self) -> None:
        """Enable the buttons, or disable them with the reason as their tooltip."""
        chosen = self._parts.selection.chosen
        texts = self._kind.texts(self._unpins(chosen), len(chosen))
        reason = self.objection or ("" if chosen else texts.unselected)
        for button, button_texts in ((self._parts.pin, texts.pin), (self._parts.erase, texts.erase)):
            button.setText(button_texts.text)
            button.setAccessibleName(button_texts.name)
            button.setEnabled(not reason)
            button.setToolTip(reason or button_texts.tip)
        self.allowed.emit()

    @property
    def objection(self) -> str:
        """Why nothing can be changed now; empty if it can."""
        texts = self._kind.texts(False, 0)
        if self.scene.state not in ("running", "paused"):
            return texts.ended
        return "" if self.scene.playhead is None else texts.past

    def _unpins(self, chosen: Sequence[E]) -> bool:
        return bool(chosen) and all(self._kind.is_pinned(entry) for entry in chosen)

    def _erase(self) -> None:
        if (chosen := self._parts.selection.chosen) and not self.objection:
            self.requested.emit(self._kind.erase(tuple(entry.id for entry in chosen)))

    def _pin(self) -> None:
        if (chosen := self._parts.selection.chosen) and not self.objection:
            self.requested.emit(self._kind.pin(tuple(entry.id for entry in chosen), not self._unpins(chosen)))

    def set_details_beside(self, beside: bool) -> None:
        """Place the details of the current entry beside the list of entries, or below it."""
        self._across.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.invalidate()
        self.draw(self.scene)
        self.update_buttons()

    def restyle(self) -> None:
        """Draw the icons in the theme's colours."""
        self._parts.pin.setIcon(icon("ph.push-pin"))
        self._parts.erase.setIcon(icon("ph.eraser"))
