"""Looking into what an agent keeps: a filter, the entries, one of them in full, and buttons that pin and erase."""

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
"""Between two refreshes while a run goes on, in milliseconds."""
_SHARE = 20
"""Refreshing takes at most one twentieth of the time."""

S = TypeVar("S", bound=Entry, covariant=True)


class Selection(Protocol[S]):
    """Which entries are selected: an `EntryTable`, or several of them of which one is in sight."""

    @property
    def picked(self) -> SignalInstance:
        """Emitted when the selection, or the current entry, is another one."""

    @property
    def erase_pressed(self) -> SignalInstance:
        """Emitted when the selected entries are to be erased."""

    @property
    def chosen(self) -> Sequence[S]:
        """The entries that are selected, in the order shown."""

    @property
    def current(self) -> S | None:
        """The entry that the cursor is on."""


@dataclass(frozen=True, slots=True)
class ButtonWords:
    """What a button is called, in the language now chosen."""

    name: str
    """For a screen reader."""
    tip: str
    text: str = ""
    """On the button; empty for one that shows its icon only."""


@dataclass(frozen=True, slots=True)
class EntryWords:
    """What is said beside the buttons, in the language now chosen."""

    pin: ButtonWords
    erase: ButtonWords
    ended: str
    """Why nothing can be changed while no run goes on."""
    past: str
    """Why nothing can be changed while the past is looked at."""
    unselected: str
    """Why there is nothing to pin or to erase."""


@dataclass(frozen=True, slots=True)
class EntryKind(Generic[E]):
    """What one kind of entries has of its own."""

    version: Callable[[View, int | None], object]
    """Of what is shown, given the moment and the playhead: when it is another one, everything is filled in again."""
    is_pinned: Callable[[E], bool]
    pin: Callable[[tuple[int, ...], bool], object]
    """Returns the command that pins entries, by id; False: that unpins them."""
    erase: Callable[[tuple[int, ...]], object]
    """Returns the command that erases entries, by id."""
    words: Callable[[bool, int], EntryWords]
    """Given whether the selected entries would be unpinned, and how many they are."""


@dataclass(frozen=True, slots=True)
class EntryParts(Generic[E]):
    """The widgets of which an inspector consists."""

    filter: QWidget
    view: QWidget
    selection: Selection[E]
    """Of the view."""
    detail: QWidget
    pin: QAbstractButton
    erase: QAbstractButton
    below: QWidget | None = None


class EntryInspector(QWidget, Generic[E]):
    """Follows a live run once a second, and spends at most a twentieth of the time on that.

    Signals:
        refreshed: a `View` of the run in front: show what is kept at its moment.
        picked: another entry is selected, or the cursor is on another one.
        allowed: what may be done with the selected entries was decided again.
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
        """What was drawn last."""
        self.names: list[TaskName] = []
        """Of the tasks, by column."""
        self._held: tuple[Story | None, object] = (None, None)
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
        """Follow a live run now and then; show any other, and any other moment, at once."""
        before, self.scene = self.scene, scene
        if (before.state, before.playhead) != (scene.state, scene.playhead):
            self.allow()
        if (story := scene.story) is None:
            return
        if self._held == (story, self._kind.version(story.until(scene.playhead), scene.playhead)):
            return
        is_followed = story is self._held[0] and scene.state == "running"
        if not is_followed or scene.playhead is not None or before.playhead is not None:
            self._refresh()
        elif not self.refreshing.isActive():
            self.refreshing.start()

    def forget(self) -> None:
        """Fill everything in again at the next drawing."""
        self._held = (None, None)

    def _refresh(self) -> None:
        if (story := self.scene.story) is None:
            return
        began = time.perf_counter()
        view = story.until(self.scene.playhead)
        self._held = (story, self._kind.version(view, self.scene.playhead))
        self.names = task_names(view.tasks, self.scene.colours)
        self.refreshed.emit(view)
        spent = (time.perf_counter() - began) * 1_000
        self.refreshing.setInterval(max(_REFRESH_MS, round(_SHARE * spent)))

    def pick(self) -> None:
        """Take another selection in."""
        self.picked.emit()
        self.allow()

    def allow(self) -> None:
        """Enable the buttons, or say why they can't be pressed."""
        chosen = self._parts.selection.chosen
        words = self._kind.words(self._unpins(chosen), len(chosen))
        reason = self.objection or ("" if chosen else words.unselected)
        for button, said in ((self._parts.pin, words.pin), (self._parts.erase, words.erase)):
            button.setText(said.text)
            button.setAccessibleName(said.name)
            button.setEnabled(not reason)
            button.setToolTip(reason or said.tip)
        self.allowed.emit()

    @property
    def objection(self) -> str:
        """Why nothing can be changed now; empty if it can."""
        words = self._kind.words(False, 0)
        if self.scene.state not in ("running", "paused"):
            return words.ended
        return "" if self.scene.playhead is None else words.past

    def _unpins(self, chosen: Sequence[E]) -> bool:
        return bool(chosen) and all(self._kind.is_pinned(entry) for entry in chosen)

    def _erase(self) -> None:
        if (chosen := self._parts.selection.chosen) and not self.objection:
            self.requested.emit(self._kind.erase(tuple(entry.id for entry in chosen)))

    def _pin(self) -> None:
        if (chosen := self._parts.selection.chosen) and not self.objection:
            self.requested.emit(self._kind.pin(tuple(entry.id for entry in chosen), not self._unpins(chosen)))

    def lay_across(self, *, wide: bool) -> None:
        """Put the detail beside the entries where there is room, else below."""
        self._across.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def retranslate(self) -> None:
        """Write every text again."""
        self.forget()
        self.draw(self.scene)
        self.allow()

    def restyle(self) -> None:
        """Draw the icons in the colours of the theme."""
        self._parts.pin.setIcon(icon("ph.push-pin"))
        self._parts.erase.setIcon(icon("ph.eraser"))
