"""The header bar: task, transport controls, strategy and appearance."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QMenuBar, QSizePolicy, QToolButton, QWidget

from app.diagnostics.machine_load import MachineLoad
from app.window.actions import ACTIONS, describe
from widgets.forms.title_field import MAX_CHARACTERS, TitleField
from widgets.settings.strategy_button import StrategyPicker
from widgets.style.icons import icon
from widgets.style.panel_style import row
from widgets.style.text_metrics import scaled
from widgets.style.translation import tr

HEIGHT, TARGET, SPACING = 52, 44, 8
LEFT, RIGHT = 6, 5
"""How the sides of the transport share the width: the menus need more than the readings."""
TRANSPORT = ("reset", "play", "step", "stop")
ROOM: Mapping[str, int] = {"rate": 1360, "processor": 1460}
"""From which width on, in type of normal size, a reading is shown here; the status bar has all of them."""
TITLE, AROUND = 140, 24
"""Pixels in type of normal size that the curriculum's title gets before the name of the lab; and what is beside it."""


class Header(QWidget):
    """The first thing one reads, and where a run is started.

    Signals:
        renamed: str: what was entered as the curriculum's title, which may be blank.
        refused: str: why something that was typed into the title is not in it.
    """

    renamed = Signal(str)
    refused = Signal(str)

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("Header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._actions = actions
        self.menus = QMenuBar(self)
        self.menus.setNativeMenuBar(False)
        self.menus.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._brand, self._sides = QLabel("Palimpsest", self), list[QWidget]()
        self.title, self._unsaved = TitleField(self), self._quiet()
        self.title.editingFinished.connect(self._rename)
        self.title.inputRejected.connect(self._refuse)
        self.picker = StrategyPicker(self)
        self.seed = self._quiet()
        self.readings = {name: self._quiet() for name in ROOM}
        self._buttons: dict[str, QToolButton] = {}
        self._lay_out()
        self.retranslate()

    def _lay_out(self) -> None:
        self._brand.setProperty("brand", True)
        left = row(self._brand, self.menus, self.title, self._unsaved)
        left.setStretchFactor(self.title, 1)
        left.setAlignment(self.menus, Qt.AlignmentFlag.AlignVCenter)
        appearance = (self._button(key, 18, flat=True) for key in ("theme", "language"))
        right = row(self.picker, None, *self.readings.values(), self.seed, *appearance)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(20, 0, 16, 0)
        layout.setSpacing(4)
        layout.addWidget(self._side(left), LEFT)
        for key in TRANSPORT:
            layout.addWidget(self._button(key, 18))
        layout.addSpacing(8)
        layout.addWidget(self._side(right), RIGHT)

    def _side(self, parts: QLayout) -> QWidget:
        """Return one side of the transport; what it holds must not move the buttons under the hand."""
        side = QWidget(self)
        side.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        side.setLayout(parts)
        self._sides.append(side)
        return side

    def _button(self, key: str, size: int, *, flat: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(self._actions[key])
        button.setIconSize(QSize(size, size))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("flat", flat)
        button.setProperty("primary", key == "play")
        button.setFixedSize(TARGET, TARGET)
        self._buttons[key] = button
        return button

    def _quiet(self) -> QLabel:
        label = QLabel(self)
        label.setProperty("quiet", True)
        return label

    def show_title(self, title: str, *, saved: bool) -> None:
        """Show what the curriculum is called, and whether a file holds it."""
        if not self.title.hasFocus():
            self.title.setText(title)
            self.title.setCursorPosition(0)
        self._unsaved.setText("" if saved else tr("not saved"))

    def _rename(self) -> None:
        self.title.clearFocus()
        self.renamed.emit(self.title.text().strip())

    def edit_title(self) -> None:
        """Let the title be typed over."""
        self.title.setFocus(Qt.FocusReason.ShortcutFocusReason)  # which selects all of it

    def _refuse(self) -> None:
        self.refused.emit(tr("A title has at most {most} characters.", most=MAX_CHARACTERS))

    def show_state(self, state: str) -> None:
        """Let the transport say what pressing it would do now."""
        play = self._actions["play"]
        describe(play, ACTIONS["play"])
        going = state == "running"
        play.setIcon(icon("ph.pause-fill" if going else "ph.play-fill", primary=True))
        play.setText(tr("Pause") if going else tr("Go on") if state == "paused" else tr("Play"))
        for key, spec in ACTIONS.items():
            if spec.states:
                self._actions[key].setEnabled(state in spec.states.split())
        for key in TRANSPORT:
            self._buttons[key].setAccessibleName(self._actions[key].text())

    def show_seed(self, seed: int) -> None:
        """Show which seed every random choice of the run grows from."""
        self.seed.setText(tr("seed {seed}", seed=seed))

    def show_rate(self, rate: float) -> None:
        """Show how fast the agent lives."""
        self.readings["rate"].setText(tr("{rate} steps/s", rate=f"{rate:,.0f}") if rate else "")

    def show_load(self, load: MachineLoad) -> None:
        """Show how busy the machine is."""
        self.readings["processor"].setText(tr("CPU {percent}%", percent=f"{load.processor:.0f}"))

    def retranslate(self) -> None:
        """Write every text again."""
        self.title.setAccessibleName(tr("Title of the curriculum"))
        self.title.explain(tr("Title of the curriculum; click it, or press F2, to change it"))
        self._unsaved.setToolTip(tr("There are edits that are not saved"))
        self.seed.setToolTip(tr("The seed that every random choice of the run grows from; change it in Settings"))
        self.readings["rate"].setToolTip(tr("Environment steps per second of training"))
        self.readings["processor"].setToolTip(tr("Share of all processor cores in use"))
        for key in ("theme", "language"):
            self._buttons[key].setAccessibleName(tr(ACTIONS[key].text))

    def event(self, event: QEvent) -> bool:
        """Leave out what there is no room for, once another text or type needs other room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave out what there is no room for."""
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        """The machine's readings give way first; the name of the lab, before a menu or the title is cut."""
        for name, label in self.readings.items():
            label.setVisible(self.width() >= scaled(ROOM[name]))
        parts = [self._brand, self.menus, self._unsaved]
        needed = sum(part.sizeHint().width() for part in parts) + len(parts) * SPACING
        title = min(self.title.fontMetrics().horizontalAdvance(self.title.text()), scaled(TITLE)) + AROUND
        needed += max(title, self.title.minimumSizeHint().width())
        self._brand.setVisible(needed <= self._sides[0].width())
