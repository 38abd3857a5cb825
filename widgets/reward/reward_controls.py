"""The controls of the reward plot: quantity, unit of the x axis, smoothing and options."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from widgets.reward.axis_units import UNITS, Unit
from widgets.reward.episode_series import Quantity
from widgets.style.icons import icon
from widgets.style.panel_style import flat_combo, relabel
from widgets.style.translation import tr
from widgets.style.wheel_controls import Slider

QUANTITIES: tuple[Quantity, ...] = ("score", "reward")
WEIGHTS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Weights of smoothing; more closely spaced near 1, where they make more difference."""


@dataclass(frozen=True, slots=True)
class CurveChoice:
    """The settings of the reward plot."""

    quantity: Quantity = "score"
    unit: Unit = UNITS[0]
    weight: float = 0.9
    """Weight of smoothing, in [0, 1)."""
    raw: bool = True
    robust: bool = False
    """Limit the y range to the 1st to 99th percentile."""
    logarithmic: bool = False


class RewardControls(QObject):
    """The combo boxes, slider and menu in the title row of the reward plot.

    Signals:
        changed: a setting was changed.
        fit_wanted: reset zoom and pan.
    """

    changed = Signal()
    fit_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.quantity, self.unit = flat_combo(), flat_combo()
        self.quantity.addItems([""] * len(QUANTITIES))
        self.unit.addItems([""] * len(UNITS))
        self.smoothing = Slider()
        self.smoothing.setRange(0, len(WEIGHTS) - 1)
        self.smoothing.setFixedWidth(72)
        self.menu_button = QToolButton()
        self.menu_button.setProperty("flat", True)
        self.menu_button.setIconSize(QSize(16, 16))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.menu_button)
        self.menu_button.setMenu(self.menu)
        self.raw, self.robust, self.logarithmic = (self._check(on) for on in (True, False, False))
        self.menu.addSeparator()
        self.fit = self.menu.addAction("")
        self.fit.triggered.connect(self.fit_wanted)
        self.smoothing.setValue(WEIGHTS.index(CurveChoice().weight))
        for signal in (self.quantity.currentIndexChanged, self.unit.currentIndexChanged, self.smoothing.valueChanged):
            signal.connect(self.changed)
        self.restyle()
        self.retranslate()

    def widgets(self) -> list[QWidget]:
        """Return the controls, left to right."""
        return [self.quantity, self.unit, self.smoothing, self.menu_button]

    @property
    def choice(self) -> CurveChoice:
        """The current settings."""
        return CurveChoice(
            quantity=QUANTITIES[self.quantity.currentIndex()],
            unit=UNITS[self.unit.currentIndex()],
            weight=WEIGHTS[self.smoothing.value()],
            raw=self.raw.isChecked(),
            robust=self.robust.isChecked(),
            logarithmic=self.logarithmic.isChecked(),
        )

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        relabel(self.quantity, [tr("score"), tr("reward")])
        relabel(self.unit, [tr("x: {unit}", unit=unit.title()) for unit in UNITS])
        self.raw.setText(tr("Raw values"))
        self.raw.setToolTip(tr("Faint: the mean of the episodes that ended at the same step"))
        self.menu.setToolTipsVisible(True)
        self.robust.setText(tr("Ignore outliers"))
        self.logarithmic.setText(tr("Logarithmic"))
        self.fit.setText(tr("Show everything"))
        texts = (
            (
                self.quantity,
                tr("Quantity"),
                tr("Score: from 0 to 1, comparable between tasks. Reward: as given by the environment"),
            ),
            (self.unit, tr("Horizontal axis"), tr("Count steps, episodes or time along the axis")),
            (self.smoothing, tr("Smoothing"), self.smoothing_text()),
            (self.menu_button, tr("Plot options"), tr("Options of the curves and axes")),
        )
        for widget, name, tip in texts:
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def smoothing_text(self) -> str:
        """Return the tooltip of the smoothing slider."""
        weight = f"{WEIGHTS[self.smoothing.value()]:g}"
        return tr("Smoothing {weight}: exponential average, weighted by distance on the axis", weight=weight)

    def restyle(self) -> None:
        """Draw the icon in the theme's colours."""
        self.menu_button.setIcon(icon("ph.sliders-horizontal"))

    def _check(self, is_on: bool) -> QAction:
        action = self.menu.addAction("")
        action.setCheckable(True)
        action.setChecked(is_on)
        action.toggled.connect(self.changed)
        return action
