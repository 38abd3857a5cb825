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

HEIGHT, BUTTON_SIZE, SPACING = 52, 44, 8
LEFT_STRETCH, RIGHT_STRETCH = 6, 5
"""Stretch factors of the sides of the transport controls: the menus need more width than the readings."""
TRANSPORT = ("reset", "play", "step", "stop")
READING_MIN_WIDTHS: Mapping[str, int] = {"rate": 1360, "processor": 1460}
"""Least width of the header, at the normal font scale, to show a reading; the status bar shows all of them."""
TITLE_WIDTH, TITLE_MARGIN = 140, 24
"""Width of the title, at the normal font scale, that takes precedence over the brand; and its margin. In pixels."""


class Header(QWidget):
    """The bar at the top: menus, title, transport controls, strategy, readings and appearance.

    Signals:
        renamed: str, the entered title of the curriculum, which may be blank.
        refused: str, why typed characters were rejected.
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
        self.title, self._unsaved = TitleField(self), self._make_label()
        self.title.editingFinished.connect(self._rename)
        self.title.inputRejected.connect(self._refuse_input)
        self.picker = StrategyPicker(self)
        self.seed = self._make_label()
        self.readings = {name: self._make_label() for name in READING_MIN_WIDTHS}
        self._buttons: dict[str, QToolButton] = {}
        self._set_layout()
        self.retranslate()

    def _set_layout(self) -> None:
        self._brand.setProperty("brand", True)
        left = row(self._brand, self.menus, self.title, self._unsaved)
        left.setStretchFactor(self.title, 1)
        left.setAlignment(self.menus, Qt.AlignmentFlag.AlignVCenter)
        appearance = (self._button(key, 18, flat=True) for key in ("theme", "language"))
        right = row(self.picker, None, *self.readings.values(), self.seed, *appearance)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(20, 0, 16, 0)
        layout.setSpacing(4)
        layout.addWidget(self._side(left), LEFT_STRETCH)
        for key in TRANSPORT:
            layout.addWidget(self._button(key, 18))
        layout.addSpacing(8)
        layout.addWidget(self._side(right), RIGHT_STRETCH)

    def _side(self, parts: QLayout) -> QWidget:
        """Create one side of the transport controls, whose content must not move the buttons."""
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
        button.setFixedSize(BUTTON_SIZE, BUTTON_SIZE)
        self._buttons[key] = button
        return button

    def _make_label(self) -> QLabel:
        label = QLabel(self)
        label.setProperty("quiet", True)
        return label

    def show_title(self, title: str, *, saved: bool) -> None:
        """Show the curriculum's title, and whether it is saved."""
        if not self.title.hasFocus():
            self.title.setText(title)
            self.title.setCursorPosition(0)
        self._unsaved.setText("" if saved else tr("not saved"))

    def _rename(self) -> None:
        self.title.clearFocus()
        self.renamed.emit(self.title.text().strip())

    def edit_title(self) -> None:
        """Focus the title, and select it."""
        self.title.setFocus(Qt.FocusReason.ShortcutFocusReason)  # this reason selects the text

    def _refuse_input(self) -> None:
        self.refused.emit(tr("A title has at most {most} characters.", most=MAX_CHARACTERS))

    def show_state(self, state: str) -> None:
        """Update the transport controls for a state of the session."""
        play = self._actions["play"]
        describe(play, ACTIONS["play"])
        is_running = state == "running"
        play.setIcon(icon("ph.pause-fill" if is_running else "ph.play-fill", primary=True))
        play.setText(tr("Pause") if is_running else tr("Go on") if state == "paused" else tr("Play"))
        for key, spec in ACTIONS.items():
            if spec.states:
                self._actions[key].setEnabled(state in spec.states.split())
        for key in TRANSPORT:
            self._buttons[key].setAccessibleName(self._actions[key].text())

    def show_seed(self, seed: int) -> None:
        """Show the seed of the run."""
        self.seed.setText(tr("seed {seed}", seed=seed))

    def show_rate(self, rate: float) -> None:
        """Show the environment steps per second; 0 hides them."""
        self.readings["rate"].setText(tr("{rate} steps/s", rate=f"{rate:,.0f}") if rate else "")

    def show_load(self, load: MachineLoad) -> None:
        """Show the processor load."""
        self.readings["processor"].setText(tr("CPU {percent}%", percent=f"{load.processor:.0f}"))

    def retranslate(self) -> None:
        """Update every text to the current language."""
        self.title.setAccessibleName(tr("Title of the curriculum"))
        self.title.explain(tr("Title of the curriculum; click it, or press F2, to change it"))
        self._unsaved.setToolTip(tr("There are edits that are not saved"))
        self.seed.setToolTip(tr("The seed of the run's random generators; change it in Settings"))
        self.readings["rate"].setToolTip(tr("Environment steps per second of training"))
        self.readings["processor"].setToolTip(tr("Share of all processor cores in use"))
        for key in ("theme", "language"):
            self._buttons[key].setAccessibleName(tr(ACTIONS[key].text))

    def event(self, event: QEvent) -> bool:
        """Hide what does not fit, after a text or the font has changed."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._hide_overflow()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Hide what does not fit."""
        self._hide_overflow()
        super().resizeEvent(event)

    def _hide_overflow(self) -> None:
        """Hide the readings first, and the brand before a menu or the title is cut off."""
        for name, label in self.readings.items():
            label.setVisible(self.width() >= scaled(READING_MIN_WIDTHS[name]))
        parts = [self._brand, self.menus, self._unsaved]
        needed = sum(part.sizeHint().width() for part in parts) + len(parts) * SPACING
        title = min(self.title.fontMetrics().horizontalAdvance(self.title.text()), scaled(TITLE_WIDTH)) + TITLE_MARGIN
        needed += max(title, self.title.minimumSizeHint().width())
        self._brand.setVisible(needed <= self._sides[0].width())
