"""How the reward plot is read: which quantity, along which axis, how smooth."""

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
"""Of smoothing; finer near 1, where it matters."""


@dataclass(frozen=True, slots=True)
class CurveChoice:
    """What the person chose."""

    quantity: Quantity = "score"
    unit: Unit = UNITS[0]
    weight: float = 0.9
    """Of smoothing, from 0 to below 1."""
    raw: bool = True
    robust: bool = False
    """Leave the rarest 1% at either end out of the y range."""
    logarithmic: bool = False


class RewardControls(QObject):
    """Two combos, a slider and a menu, for the title row of the reward plot.

    Signals:
        changed: another choice was made.
        fit_wanted: everything is to be shown again.
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
        """What is chosen now."""
        return CurveChoice(
            quantity=QUANTITIES[self.quantity.currentIndex()],
            unit=UNITS[self.unit.currentIndex()],
            weight=WEIGHTS[self.smoothing.value()],
            raw=self.raw.isChecked(),
            robust=self.robust.isChecked(),
            logarithmic=self.logarithmic.isChecked(),
        )

    def retranslate(self) -> None:
        """Write every text again."""
        relabel(self.quantity, [tr("score"), tr("reward")])
        relabel(self.unit, [tr("x: {unit}", unit=unit.title()) for unit in UNITS])
        self.raw.setText(tr("Raw values"))
        self.raw.setToolTip(tr("Faint: the mean of the episodes that ended at the same step"))
        self.menu.setToolTipsVisible(True)
        self.robust.setText(tr("Ignore outliers"))
        self.logarithmic.setText(tr("Logarithmic"))
        self.fit.setText(tr("Show everything"))
        sayings = (
            (self.quantity, tr("Quantity"), tr("Score: from 0 to 1, alike for all tasks. Reward: what the world pays")),
            (self.unit, tr("Horizontal axis"), tr("Count steps, episodes or time along the axis")),
            (self.smoothing, tr("Smoothing"), self.smoothing_words()),
            (self.menu_button, tr("Plot options"), tr("What is drawn, and how")),
        )
        for widget, name, tip in sayings:
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def smoothing_words(self) -> str:
        """Return how much is smoothed, and by what."""
        weight = f"{WEIGHTS[self.smoothing.value()]:g}"
        return tr("Smoothing {weight}: exponential average, weighted by distance on the axis", weight=weight)

    def restyle(self) -> None:
        """Draw the icon in the colours of the theme."""
        self.menu_button.setIcon(icon("ph.sliders-horizontal"))

    def _check(self, on: bool) -> QAction:
        action = self.menu.addAction("")
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(self.changed)
        return action
