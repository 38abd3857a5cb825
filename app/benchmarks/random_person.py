"""A random user who presses every control; a seed makes the sequence reproducible.

Every interaction is drawn in advance, with its target as fractions: of the list of visible widgets, and of the widget's
width and height. The run beside it never is at the same step twice, so the target may differ, but not the interaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDrag, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from agents.store.run_store import RunStore
from app.window.main_window import MainWindow
from widgets.requests import MovePlayhead, OpenRun, OverlayRuns, TrashRuns

T = TypeVar("T")
INTERVAL, CLOSE_INTERVAL = 15, 400
"""Milliseconds between two interactions, and between two closings of open dialogs and menus."""
EXCLUDED = ("quit", "new", "logs", "full_screen")
"""Actions that end the run, or that act on the desktop outside of the window."""
KEYS = (
    *(Qt.Key.Key_Tab, Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_7, Qt.Key.Key_A, Qt.Key.Key_Period, Qt.Key.Key_Backspace),
)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SIZES = ((1024, 680), (1280, 800), (1600, 1000), (1100, 900))


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction; the numbers are from 0 to 1."""

    kind: str
    target: float
    """Position in the list of possible targets."""
    x: float
    y: float
    variant: float
    """Choice among the variants of the kind, such as the mouse button."""


def script(seed: int, events: int) -> Iterator[Interaction]:
    """Yield `events` random interactions of kinds drawn by `WEIGHTS`; equal seeds give equal sequences."""
    rng = np.random.default_rng(seed)
    weights = np.array(list(WEIGHTS.values()), dtype=float)
    kinds = rng.choice(list(WEIGHTS), size=events, p=weights / weights.sum())
    return (Interaction(str(kind), *map(float, row)) for kind, row in zip(kinds, rng.random((events, 4)), strict=True))


class RandomPerson(QObject):
    """Executes the interactions one after another, also inside dialogs and menus that they open."""

    def __init__(
        self, window: MainWindow, interactions: Iterator[Interaction], reset_timeout: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self._window, self._interactions, self._reset_timeout = window, interactions, reset_timeout
        self.done, self.is_over = 0, False
        self.history: list[str] = []
        self._closing = QTimer(self, interval=CLOSE_INTERVAL)
        self._closing.timeout.connect(self._close_dialogs)

    def start(self) -> None:
        """Start with the first interaction."""
        self._closing.start()
        QTimer.singleShot(0, self, self._next)

    def _next(self) -> None:
        self._reset_timeout(self.history[-1] if self.history else "")
        interaction = next(self._interactions, None)
        if interaction is None:
            self.is_over = True
            return
        # scheduled before the call, which may open a dialog and return only after it is closed
        QTimer.singleShot(INTERVAL, self, self._next)
        self.done += 1
        self._record(interaction.kind)
        KINDS[interaction.kind](self, interaction)

    def _record(self, text: str) -> None:
        self.history = [*self.history[-9:], text]

    def _target(self, interaction: Interaction) -> tuple[QWidget, QPoint]:
        top = QApplication.activeModalWidget() or QApplication.activePopupWidget() or self._window
        visible = [widget for widget in (top, *top.findChildren(QWidget)) if widget.isVisible() and widget.isEnabled()]
        widget = pick(visible or [self._window], interaction.target)
        self._record(f"{interaction.kind} {type(widget).__name__} {widget.accessibleName() or widget.objectName()}")
        return widget, _point(widget, interaction.x, interaction.y)

    def click(self, interaction: Interaction) -> None:
        """Click or double-click."""
        widget, point = self._target(interaction)
        press = QTest.mouseDClick if interaction.variant > 0.8 else QTest.mouseClick
        press(widget, RIGHT if 0.6 < interaction.variant <= 0.8 else LEFT, Qt.KeyboardModifier.NoModifier, point)

    def key(self, interaction: Interaction) -> None:
        """Press a key in the focused widget."""
        modifier = Qt.KeyboardModifier.ShiftModifier if interaction.variant > 0.75 else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(QApplication.focusWidget() or self._window, pick(KEYS, interaction.target), modifier)

    def wheel(self, interaction: Interaction) -> None:
        """Turn the wheel."""
        widget, point = self._target(interaction)
        turn = QPoint(0, round((interaction.variant - 0.5) * 6) * 120)
        global_point = QPointF(widget.mapToGlobal(point))
        buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QWheelEvent(
            QPointF(point), global_point, QPoint(), turn, buttons, keys, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(widget, event)

    def drag(self, interaction: Interaction) -> None:
        """Drag from one point of a widget to another."""
        widget, point = self._target(interaction)
        end = _point(widget, interaction.variant, interaction.x)
        QTest.mousePress(widget, LEFT, Qt.KeyboardModifier.NoModifier, point)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(widget, point + (end - point) * share)
        QTest.mouseRelease(widget, LEFT, Qt.KeyboardModifier.NoModifier, end)

    def command(self, interaction: Interaction) -> None:
        """Trigger an action of the menus."""
        action = pick(
            [command for key, command in self._window.commands.items() if key not in EXCLUDED], interaction.target
        )
        self._record(f"command {action.objectName()}")
        action.trigger()

    def resize(self, interaction: Interaction) -> None:
        """Give the window another size."""
        self._window.resize(*pick(SIZES, interaction.target))

    def move(self, interaction: Interaction) -> None:
        """Close, show, float or dock a card."""
        card = pick(list(self._window.docks.cards.values()), interaction.target)
        self._record(f"move {card.objectName()} {interaction.variant:.2f}")
        actions: tuple[Callable[[], object], ...] = (
            card.close, card.show, card.raise_, lambda: card.setFloating(not card.isFloating())
        )  # fmt: skip
        pick(actions, interaction.variant)()

    def request(self, interaction: Interaction) -> None:
        """Move the playhead, or open, overlay or delete a stored run."""
        session = self._window.session
        step = round(interaction.x * session.story.step) if session.story else None
        folders = [run.folder for run in RunStore(session.run_library.root)]
        folder = pick(folders, interaction.target) if folders else session.run_library.root / "none"
        requests = (MovePlayhead(step), MovePlayhead(None), OpenRun(folder), OverlayRuns((folder,)), OverlayRuns(()))
        session.execute(TrashRuns((folder,)) if interaction.variant > 0.97 else pick(requests, interaction.y))

    def _close_dialogs(self) -> None:
        """Close dialogs and menus, and start the run if it is stopped."""
        QDrag.cancel()
        for opened in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
            if opened is not None:
                opened.close()
        self._window.session.start()


KINDS: Mapping[str, Callable[[RandomPerson, Interaction], None]] = {
    "click": RandomPerson.click,
    "key": RandomPerson.key,
    "wheel": RandomPerson.wheel,
    "drag": RandomPerson.drag,
    "command": RandomPerson.command,
    "resize": RandomPerson.resize,
    "move": RandomPerson.move,
    "request": RandomPerson.request,
}
WEIGHTS: Mapping[str, int] = {
    "click": 34, "key": 20, "wheel": 8, "drag": 12, "command": 12, "resize": 2, "move": 6, "request": 6
}  # fmt: skip
"""Frequency of each kind, in percent."""


def pick(options: Sequence[T], share: float) -> T:
    """Return the option at the fraction `share` of the list."""
    return options[min(int(share * len(options)), len(options) - 1)]


def _point(widget: QWidget, x: float, y: float) -> QPoint:
    return QPoint(int(x * max(widget.width(), 1)), int(y * max(widget.height(), 1)))
