"""What the panels that tell a run's story share: room, type, and shades of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QHelpEvent, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QWidget,
)

from widgets.style import theme
from widgets.style.text_metrics import least_width, scaled
from widgets.style.wheel_controls import ComboBox

GAP, _NARROWEST = 4, 76
"""The grid that everything is laid out on, in pixels."""
_SPARE, _AROUND, _LARGEST = 2, 34, 14
"""Pixels that Qt leaves beside the text of a combo box, all that is beside it, and the largest type, in pixels, in
which a box may be as narrow as the narrowest: in larger type that would be a stump."""
BREAK = " · "
"""Stands between two statements: where space is short, the last ones are left out first."""
MARGIN = 14
"""Between a panel's content and the edge of its card."""


def font(size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the lab's typeface for what is painted by hand, as much larger as the person chose."""
    return theme.font(scaled(size), weight)


@lru_cache(maxsize=1024)
def elided(text: str, face: QFont, width: int) -> str:
    """Return as much of `text` as fits into `width` pixels; measuring words costs more than painting them."""
    return QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, width)


def shortened(text: str, metrics: QFontMetrics, width: int) -> str:
    """Return as many statements of `text` as fit into `width` pixels, or as much of the first one."""
    parts = text.split(BREAK)
    shorter = (BREAK.join(parts[:count]) for count in range(len(parts), 0, -1))
    fitting = (shown for shown in shorter if metrics.horizontalAdvance(shown) <= width)
    return next(fitting, None) or metrics.elidedText(parts[0], Qt.TextElideMode.ElideRight, width)


def blend(under: str | QColor, over: str | QColor, share: float) -> QColor:
    """Return `over` laid over `under` at `share` of its strength."""
    low, high = QColor(under), QColor(over)
    parts = ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def legible_on(ground: QColor) -> QColor:
    """Return the darkest or the lightest text colour, whichever reads better on `ground`."""
    brightness = 0.299 * ground.red() + 0.587 * ground.green() + 0.114 * ground.blue()
    return QColor(theme.DARK.window if brightness > 120 else theme.DARK.text)


def quiet_label(*, wraps: bool = False) -> QLabel:
    """Return an empty label for a heading or a remark."""
    made = QLabel()
    made.setProperty("quiet", True)
    made.setProperty("small", True)
    made.setWordWrap(wraps)
    return made


class _RoomyCombo(ComboBox):
    def sizeHint(self) -> QSize:  # noqa: N802
        """Need room for the text as it is painted: Qt leaves a pixel at each of its sides."""
        return super().sizeHint() + QSize(_SPARE, 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Give way where a title row is full: the names of panels come first, and the list has the whole text."""
        large = scaled(theme.NORMAL) > _LARGEST
        least = min(least_width(self.fontMetrics()) + _AROUND, self.sizeHint().width()) if large else _NARROWEST
        return QSize(max(least, _NARROWEST), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Let the tooltip have the whole text where it is shortened."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            whole = self.currentText()
            cut = self.fontMetrics().horizontalAdvance(whole) > self._room()
            QToolTip.showText(event.globalPos(), "\n".join(filter(None, (whole if cut else "", self.toolTip()))), self)
            return True
        return super().event(event)

    def _room(self) -> int:
        """Return the pixels that there are for the text."""
        option, field = QStyleOptionComboBox(), QStyle.SubControl.SC_ComboBoxEditField
        self.initStyleOption(option)
        return self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - _SPARE

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw as much of the text as there is room for."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        shown = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, self._room())
        option.currentText = shown
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:  # noqa: N802
        """Open a list as wide as its widest text, however narrow the box."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 6 * GAP)
        super().showPopup()


def flat_combo() -> QComboBox:
    """Return a combo box without a frame, for a panel's title row."""
    made = _RoomyCombo()
    made.setProperty("flat", True)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return made


def relabel(combo: QComboBox, texts: list[str]) -> None:
    """Write a combo box's texts again, leaving the choice where it is."""
    for place, text in enumerate(texts):
        combo.setItemText(place, text)


def adopt(controls: Sequence[QWidget], panel: QWidget) -> None:
    """Let controls live as long as their panel, wherever its card puts them."""
    for control in controls:
        control.setParent(panel)


def row(*widgets: QWidget | None, spacing: int = 2 * GAP) -> QHBoxLayout:
    """Return widgets side by side; None takes the room that is left."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget)
    return layout
