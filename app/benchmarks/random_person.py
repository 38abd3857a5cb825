"""A random user who presses every control; a seed makes the sequence reproducible.

Every deed is drawn in advance and says in shares where it happens: at the third of all
widgets that can be seen then, a quarter from its left. A run beside it never comes to the
same step twice, so what lies there may differ; what is done does not.
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
PACE, TIDY = 15, 400
"""Milliseconds between two deeds, and after which whatever was opened is closed again."""
SPARED = ("quit", "new", "logs", "full_screen")
"""Closing is somebody else's business, an empty curriculum can't be learned, and the others reach out of the window."""
KEYS = (
    *(Qt.Key.Key_Tab, Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_7, Qt.Key.Key_A, Qt.Key.Key_Period, Qt.Key.Key_Backspace),
)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SIZES = ((1024, 680), (1280, 800), (1600, 1000), (1100, 900))


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing to do; the numbers lie from 0 to 1."""

    kind: str
    which: float
    x: float
    y: float
    how: float


def script(seed: int, events: int) -> Iterator[Interaction]:
    """Return what a person of this seed does."""
    rng = np.random.default_rng(seed)
    shares = np.array(list(CHANCES.values()), dtype=float)
    kinds = rng.choice(list(CHANCES), size=events, p=shares / shares.sum())
    return (Interaction(str(kind), *map(float, row)) for kind, row in zip(kinds, rng.random((events, 4)), strict=True))


class RandomPerson(QObject):
    """Does one deed after another; goes on within whatever a deed has opened."""

    def __init__(self, window: MainWindow, deeds: Iterator[Interaction], beat: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window, self._deeds, self._beat = window, deeds, beat
        self.done, self.is_over = 0, False
        self.history: list[str] = []
        self._tidying = QTimer(self, interval=TIDY)
        self._tidying.timeout.connect(self._tidy)

    def start(self) -> None:
        """Begin."""
        self._tidying.start()
        QTimer.singleShot(0, self, self._act)

    def _act(self) -> None:
        self._beat(self.history[-1] if self.history else "")
        deed = next(self._deeds, None)
        if deed is None:
            self.is_over = True
            return
        # before the deed: it may open a dialog and come back only when that is closed
        QTimer.singleShot(PACE, self, self._act)
        self.done += 1
        self._note(deed.kind)
        KINDS[deed.kind](self, deed)

    def _note(self, text: str) -> None:
        self.history = [*self.history[-9:], text]

    def _target(self, deed: Interaction) -> tuple[QWidget, QPoint]:
        top = QApplication.activeModalWidget() or QApplication.activePopupWidget() or self._window
        seen = [widget for widget in (top, *top.findChildren(QWidget)) if widget.isVisible() and widget.isEnabled()]
        widget = pick(seen or [self._window], deed.which)
        self._note(f"{deed.kind} {type(widget).__name__} {widget.accessibleName() or widget.objectName()}")
        return widget, _place(widget, deed.x, deed.y)

    def click(self, deed: Interaction) -> None:
        """Press a button of the mouse, once or twice."""
        widget, place = self._target(deed)
        press = QTest.mouseDClick if deed.how > 0.8 else QTest.mouseClick
        press(widget, RIGHT if 0.6 < deed.how <= 0.8 else LEFT, Qt.KeyboardModifier.NoModifier, place)

    def key(self, deed: Interaction) -> None:
        """Press a key wherever the keyboard is."""
        modifier = Qt.KeyboardModifier.ShiftModifier if deed.how > 0.75 else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(QApplication.focusWidget() or self._window, pick(KEYS, deed.which), modifier)

    def wheel(self, deed: Interaction) -> None:
        """Turn the wheel."""
        widget, place = self._target(deed)
        turn = QPoint(0, round((deed.how - 0.5) * 6) * 120)
        spot = QPointF(widget.mapToGlobal(place))
        buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QWheelEvent(QPointF(place), spot, QPoint(), turn, buttons, keys, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(widget, event)

    def drag(self, deed: Interaction) -> None:
        """Drag from one place to another."""
        widget, place = self._target(deed)
        end = _place(widget, deed.how, deed.x)
        QTest.mousePress(widget, LEFT, Qt.KeyboardModifier.NoModifier, place)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(widget, place + (end - place) * share)
        QTest.mouseRelease(widget, LEFT, Qt.KeyboardModifier.NoModifier, end)

    def command(self, deed: Interaction) -> None:
        """Choose something from the menus."""
        action = pick([command for key, command in self._window.commands.items() if key not in SPARED], deed.which)
        self._note(f"command {action.objectName()}")
        action.trigger()

    def resize(self, deed: Interaction) -> None:
        """Give the window another size."""
        self._window.resize(*pick(SIZES, deed.which))

    def move(self, deed: Interaction) -> None:
        """Close, show, float or dock a card."""
        card = pick(list(self._window.docks.cards.values()), deed.which)
        self._note(f"move {card.objectName()} {deed.how:.2f}")
        acts: tuple[Callable[[], object], ...] = (
            card.close, card.show, card.raise_, lambda: card.setFloating(not card.isFloating())
        )  # fmt: skip
        pick(acts, deed.how)()

    def ask(self, deed: Interaction) -> None:
        """Look at another moment, or open, compare or throw away a stored run."""
        session = self._window.session
        step = round(deed.x * session.story.step) if session.story else None
        folders = [run.folder for run in RunStore(session.run_library.root)]
        folder = pick(folders, deed.which) if folders else session.run_library.root / "none"
        requests = (MovePlayhead(step), MovePlayhead(None), OpenRun(folder), OverlayRuns((folder,)), OverlayRuns(()))
        self._window.session.obey(TrashRuns((folder,)) if deed.how > 0.97 else pick(requests, deed.y))

    def _tidy(self) -> None:
        """Close what is open, and learn on where nothing is learned."""
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
    "ask": RandomPerson.ask,
}
CHANCES: Mapping[str, int] = {
    "click": 34, "key": 20, "wheel": 8, "drag": 12, "command": 12, "resize": 2, "move": 6, "ask": 6
}  # fmt: skip
"""How often of a hundred times."""


def pick(things: Sequence[T], share: float) -> T:
    """Return the thing that lies at `share` of the way."""
    return things[min(int(share * len(things)), len(things) - 1)]


def _place(widget: QWidget, x: float, y: float) -> QPoint:
    return QPoint(int(x * max(widget.width(), 1)), int(y * max(widget.height(), 1)))
