"""Someone presses everything, in no order, while the agent learns: nothing breaks, hangs or stays behind."""

import logging
import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDrag, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.application import prepare, read
from app.garbage import Garbage
from app.log_file import LogFile
from app.settings import Settings

EVENTS = 200
PACE = 15
"""Milliseconds between two events."""
LONGEST = 5.0
"""Seconds that one event may take, on a machine that does much else."""
KEYS = [
    Qt.Key.Key_Tab,
    Qt.Key.Key_Space,
    Qt.Key.Key_Right,
    Qt.Key.Key_Left,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Return,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_7,
    Qt.Key.Key_A,
]
SPARED = ("quit", "new", "logs", "full_screen")
"""Closing is the test's own business, an empty curriculum can't be learned, and the others reach out of the window."""


class Monkey(QTimer):
    """Does one thing at each beat; what it opens is closed again, and a run that it ends is begun anew."""

    def __init__(self, window, seed):
        super().__init__(window, interval=PACE)
        self.window, self.chance = window, np.random.default_rng(seed)
        self.deeds = [self.click, self.click, self.click, self.key, self.key, self.wheel, self.drag, self.act]
        self.done, self.slowest, self.history = 0, 0.0, []
        self.timeout.connect(self.beat)
        self.tidying = QTimer(window, interval=10 * PACE)
        self.tidying.timeout.connect(self.tidy)

    def pick(self, things):
        return things[int(self.chance.integers(len(things)))]

    def beat(self):
        began = time.monotonic()
        self.done += 1
        deed = self.pick(self.deeds)
        deed()
        self.slowest = max(self.slowest, time.monotonic() - began)
        if self.done >= EVENTS:
            self.stop()

    def target(self):
        top = QApplication.activeModalWidget() or QApplication.activePopupWidget() or self.window
        seen = [widget for widget in [top, *top.findChildren(QWidget)] if widget.isVisible() and widget.isEnabled()]
        widget = self.pick(seen or [self.window])
        self.history.append(f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()}")
        return widget, self.place(widget)

    def place(self, widget):
        return QPoint(*(int(self.chance.integers(max(size, 1))) for size in (widget.width(), widget.height())))

    def click(self):
        widget, place = self.target()
        deed = self.pick([QTest.mouseClick, QTest.mouseClick, QTest.mouseDClick])
        button = self.pick([Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton])
        deed(widget, button, Qt.KeyboardModifier.NoModifier, place)

    def key(self):
        modifier = self.pick([Qt.KeyboardModifier.NoModifier] * 3 + [Qt.KeyboardModifier.ShiftModifier])
        QTest.keyClick(QApplication.focusWidget() or self.window, self.pick(KEYS), modifier)

    def wheel(self):
        widget, place = self.target()
        where, turn = QPointF(place), QPoint(0, int(self.chance.integers(-3, 4)) * 120)
        buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        spot = QPointF(widget.mapToGlobal(place))
        event = QWheelEvent(where, spot, QPoint(), turn, buttons, keys, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(widget, event)

    def drag(self):
        widget, place = self.target()
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        for _ in range(3):
            QTest.mouseMove(widget, self.place(widget))
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self.place(widget))

    def act(self):
        commands = [command for key, command in self.window.commands.items() if key not in SPARED]
        action = self.pick(commands)
        self.history.append(action.objectName())
        action.trigger()

    def tidy(self):
        QDrag.cancel()
        for opened in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
            if opened is not None:
                opened.close()
        self.window.session.start()  # whenever nothing is learned


@pytest.fixture
def window(qtbot, tmp_path, houses):
    log = LogFile(tmp_path / "log")
    asked = read([str(houses), "--runs", str(tmp_path / "runs"), "--start", "--language", "en"])
    made = prepare(asked, Settings(tmp_path / "settings"), log)
    for key in SPARED:
        made.commands[key].setEnabled(False)
    made.show()
    qtbot.waitUntil(lambda: made.session.story is not None and made.session.story.step > 0, timeout=60_000)
    yield made
    made.looks.choose_language("en")
    made.looks.choose_theme("dark")
    made.session.reset()
    made.session.curriculum.mark_saved()
    assert made.close()
    log.close()
    made.session.findChild(Garbage).end()
    session = made.session
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the window goes before what it shows
    session.deleteLater()


@pytest.mark.parametrize("seed", [1])
def test_two_hundred_random_events_break_nothing(qtbot, window, caplog, seed):
    caplog.set_level(logging.DEBUG)
    monkey = Monkey(window, seed)
    monkey.start()
    monkey.tidying.start()
    qtbot.waitUntil(lambda: monkey.done >= EVENTS and not QApplication.activeModalWidget(), timeout=60_000)
    monkey.tidying.stop()
    assert monkey.slowest < LONGEST, monkey.history[-5:]
    assert not [record.getMessage() for record in caplog.records if record.exc_info]
