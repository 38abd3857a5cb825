"""The controls of the live view: watched task, speed, single step, new episode, comparison."""

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
"""Steps per second; 0 pauses the view."""
_LARGEST = 14
"""Maximum type size in pixels at which the speed's label is shown beside the button for comparison."""


class WatchControls(QObject):
    """The combo box of tasks, the buttons and the slider in the title row of the live view.

    Signals:
        requested: one of the `Watch...` requests of `widgets.requests`.
    """

    requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks: tuple[Task, ...] = ()
        self.compare = QToolButton()
        self.compare.setProperty("flat", True)
        self.compare.setCheckable(True)
        self.compare.setChecked(True)
        self.compare.toggled.connect(self._request_both)
        self.compare.hide()
        self.task = flat_combo()
        self.task.addItem("")
        self.task.setMinimumContentsLength(8)
        self.task.activated.connect(self._watch)
        self.reset = self._button(self._request_reset)
        self.step = self._button(self._request_step)
        self.speed = Slider()
        self.speed.setRange(0, len(SPEEDS) - 1)
        self.speed.setPageStep(1)
        self.speed.setFixedWidth(44)
        self.speed.setValue(SPEEDS.index(8.0))
        self.speed.valueChanged.connect(self._request_speed)
        self.speed_label = quiet_label()
        self.restyle()
        self.retranslate()

    def widgets(self) -> list[QWidget]:
        """Return the controls, left to right; those of variable width come first, so that the others do not move."""
        return [self.compare, self.task, self.speed_label, self.speed, self.reset, self.step]

    def pause(self, paused: bool) -> None:
        """Pause the view, or continue at the slider's speed."""
        self.requested.emit(WatchSpeed(0.0 if paused else SPEEDS[self.speed.value()]))

    def set_past(self, is_past: bool) -> None:
        """Show the button for comparison only while the playhead is in the past."""
        if is_past == self.compare.isHidden():
            self.compare.setVisible(is_past)
            self._update_first_item()
            self._update_speed_label()

    def set_tasks(self, tasks: tuple[Task, ...]) -> None:
        """Set the tasks that can be chosen instead of the one in training."""
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
        """The chosen task; None follows the one in training."""
        index = self.task.currentIndex()
        return self._tasks[index - 1] if 0 < index <= len(self._tasks) else None

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        for widget, name, tip in self._texts():
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        chosen = self.task.currentIndex()
        with QSignalBlocker(self.task):
            self._fill(self._tasks)
            self.task.setCurrentIndex(chosen)
        self.compare.setText(tr("Then | Now"))
        self._show_speed()

    def restyle(self) -> None:
        """Draw the icons in the theme's colours, and adapt to the type size."""
        self._update_speed_label()
        self.reset.setIcon(icon("ph.arrow-counter-clockwise"))
        self.step.setIcon(icon("ph.skip-forward"))

    def _update_speed_label(self) -> None:
        """Hide the speed's label if, in large type, it would leave too little width for the watched task."""
        if self.speed_label.parentWidget() is not None:  # without a parent it would open as a window
            self.speed_label.setVisible(self.compare.isHidden() or scaled(theme.NORMAL) <= _LARGEST)

    def _texts(self) -> Sequence[tuple[QWidget, str, str]]:
        return (
            (
                self.compare,
                tr("Then and now side by side"),
                tr("Show the agent of the step looked at beside the newest agent, in the same world"),
            ),
            (self.task, tr("Watched task"), tr("Which task is shown here; training goes on beside it")),
            (self.reset, tr("Watch a new episode"), tr("Begin a new episode in this view")),
            (self.step, tr("Watch one step"), tr("Show one step, then hold still")),
        )

    def _fill(self, tasks: tuple[Task, ...]) -> None:
        self.task.clear()
        self.task.addItems(["", *task_names(tasks)])
        self._update_first_item()

    def _update_first_item(self) -> None:
        """Set the text of the first item, which follows the task in training or the one that changed most."""
        compares = not self.compare.isHidden() and self.compare.isChecked()
        self.task.setItemText(0, tr("changed most") if compares else tr("in training"))

    def _button(self, pressed: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", True)
        button.setIconSize(QSize(16, 16))
        button.clicked.connect(pressed)
        return button

    def _watch(self) -> None:
        self.requested.emit(Watch(self.watched))

    def _request_both(self, wanted: bool) -> None:
        self.requested.emit(WatchBoth(wanted))
        self._update_first_item()

    def _request_reset(self) -> None:
        self.requested.emit(WatchReset())

    def _request_step(self) -> None:
        self.requested.emit(WatchStep())
        with QSignalBlocker(self.speed):
            self.speed.setValue(0)
        self._show_speed()

    def _request_speed(self, index: int) -> None:
        self.requested.emit(WatchSpeed(SPEEDS[index]))
        self._show_speed()

    def _show_speed(self) -> None:
        speed = SPEEDS[self.speed.value()]
        shown = tr("{speed} steps a second", speed=f"{speed:g}") if speed else tr("holding still")
        self.speed_label.setText(_speed_text(speed))
        # as wide as the widest text, so that the combo box beside it does not move
        self.speed_label.setMinimumWidth(
            max(map(self.speed_label.fontMetrics().horizontalAdvance, map(_speed_text, SPEEDS))) + GAP
        )
        self.speed.setAccessibleName(tr("Speed of watching"))
        self.speed.setAccessibleDescription(shown)
        self.speed.setToolTip(tr("Speed of watching: {shown}", shown=shown))


def _speed_text(speed: float) -> str:
    return tr("{speed}/s", speed=f"{speed:g}") if speed else tr("held")
