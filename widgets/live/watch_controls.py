"""How the live view is steered: what is watched, how fast, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSignalBlocker, QSize, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from envs.task import Task
from widgets.requests import Watch, WatchBoth, WatchReset, WatchSpeed, WatchStep
from widgets.style import theme
from widgets.style.icons import icon
from widgets.style.panel_style import GAP, flat_combo, quiet_label
from widgets.style.task_names import task_names
from widgets.style.text_metrics import scaled
from widgets.style.translation import tr
from widgets.style.wheel_controls import Slider

SPEEDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Steps per second; the first holds the picture still."""
_LARGEST = 14
"""Largest type, in pixels, in which the speed is written while then is compared with now."""


class WatchControls(QObject):
    """A combo of tasks, two buttons and a slider, for the title row of the live view.

    Signals:
        requested: one of `widgets.requests`' `Watch...`.
    """

    requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks: tuple[Task, ...] = ()
        self.both = QToolButton()
        self.both.setProperty("flat", True)
        self.both.setCheckable(True)
        self.both.setChecked(True)
        self.both.toggled.connect(self._ask_both)
        self.both.hide()
        self.task = flat_combo()
        self.task.addItem("")
        self.task.setMinimumContentsLength(8)
        self.task.activated.connect(self._watch)
        self.reset = self._button(self._ask_reset)
        self.step = self._button(self._ask_step)
        self.speed = Slider()
        self.speed.setRange(0, len(SPEEDS) - 1)
        self.speed.setPageStep(1)
        self.speed.setFixedWidth(44)
        self.speed.setValue(SPEEDS.index(8.0))
        self.speed.valueChanged.connect(self._ask_speed)
        self.pace = quiet_label()
        self.restyle()
        self.retranslate()

    def widgets(self) -> list[QWidget]:
        """Return the controls, left to right; what changes its width comes first, so that the others stay in place."""
        return [self.both, self.task, self.pace, self.speed, self.reset, self.step]

    def hold(self, holding: bool) -> None:
        """Let the picture hold still for a while, whatever the slider says; then go on as it says."""
        self.requested.emit(WatchSpeed(0.0 if holding else SPEEDS[self.speed.value()]))

    def look(self, *, past: bool) -> None:
        """Offer to compare then with now, where the past is looked at."""
        if past == self.both.isHidden():
            self.both.setVisible(past)
            self._name_first()
            self._make_room()

    def offer(self, tasks: tuple[Task, ...]) -> None:
        """Offer these tasks to be watched, beside the one in training."""
        if tasks == self._tasks:
            return
        watched = self.watched
        self._tasks = tasks
        with QSignalBlocker(self.task):
            self._fill(tasks)
            self.task.setCurrentIndex(1 + tasks.index(watched) if watched in tasks else 0)
        if watched not in (None, self.watched):
            self.requested.emit(Watch(None))

    @property
    def watched(self) -> Task | None:
        """The task that was chosen; None follows the one in training."""
        place = self.task.currentIndex()
        return self._tasks[place - 1] if 0 < place <= len(self._tasks) else None

    def retranslate(self) -> None:
        """Write every text again."""
        for widget, name, tip in self._sayings():
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        chosen = self.task.currentIndex()
        with QSignalBlocker(self.task):
            self._fill(self._tasks)
            self.task.setCurrentIndex(chosen)
        self.both.setText(tr("Then | Now"))
        self._tell_speed()

    def restyle(self) -> None:
        """Draw the icons in the colours of the theme, and fit the type."""
        self._make_room()
        self.reset.setIcon(icon("ph.arrow-counter-clockwise"))
        self.step.setIcon(icon("ph.skip-forward"))

    def _make_room(self) -> None:
        """Leave the speed to the slider's tooltip where, in large type, the watched task would not be readable."""
        if self.pace.parentWidget() is not None:  # else it would be shown as a window
            self.pace.setVisible(self.both.isHidden() or scaled(theme.NORMAL) <= _LARGEST)

    def _sayings(self) -> Sequence[tuple[QWidget, str, str]]:
        return (
            (
                self.both,
                tr("Then and now side by side"),
                tr("Show the agent of the moment looked at beside the agent of now, in the same world"),
            ),
            (self.task, tr("Watched task"), tr("Which task is shown here; training goes on beside it")),
            (self.reset, tr("Watch a new episode"), tr("Begin a new episode in this view")),
            (self.step, tr("Watch one step"), tr("Show one step, then hold still")),
        )

    def _fill(self, tasks: tuple[Task, ...]) -> None:
        self.task.clear()
        self.task.addItems(["", *task_names(tasks)])
        self._name_first()

    def _name_first(self) -> None:
        """Say which task is watched unless a person chooses one."""
        compares = not self.both.isHidden() and self.both.isChecked()
        self.task.setItemText(0, tr("changed most") if compares else tr("in training"))

    def _button(self, pressed: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", True)
        button.setIconSize(QSize(16, 16))
        button.clicked.connect(pressed)
        return button

    def _watch(self) -> None:
        self.requested.emit(Watch(self.watched))

    def _ask_both(self, wanted: bool) -> None:
        self.requested.emit(WatchBoth(wanted))
        self._name_first()

    def _ask_reset(self) -> None:
        self.requested.emit(WatchReset())

    def _ask_step(self) -> None:
        self.requested.emit(WatchStep())
        with QSignalBlocker(self.speed):
            self.speed.setValue(0)
        self._tell_speed()

    def _ask_speed(self, place: int) -> None:
        self.requested.emit(WatchSpeed(SPEEDS[place]))
        self._tell_speed()

    def _tell_speed(self) -> None:
        speed = SPEEDS[self.speed.value()]
        shown = tr("{speed} steps a second", speed=f"{speed:g}") if speed else tr("holding still")
        self.pace.setText(_pace(speed))
        # as wide as the widest: the task beside it must not move with the speed
        self.pace.setMinimumWidth(max(map(self.pace.fontMetrics().horizontalAdvance, map(_pace, SPEEDS))) + GAP)
        self.speed.setAccessibleName(tr("Speed of watching"))
        self.speed.setAccessibleDescription(shown)
        self.speed.setToolTip(tr("Speed of watching: {shown}", shown=shown))


def _pace(speed: float) -> str:
    return tr("{speed}/s", speed=f"{speed:g}") if speed else tr("held")
