"""Margins, fonts, colours and small widgets that panels share."""

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
from widgets.style.text_metrics import min_text_width, scaled
from widgets.style.wheel_controls import ComboBox

GAP, _NARROWEST = 4, 76
"""Unit of spacing, and minimum width of a flat combo box, in pixels."""
_SPARE, _AROUND, _LARGEST = 2, 34, 14
"""Of a combo box, in pixels: padding that Qt adds to the text, total width beside the text, and the largest type size
at which `_NARROWEST` is wide enough to recognise the text."""
BREAK = " · "
"""Separates the parts of a text that is shortened by leaving out its last parts."""
MARGIN = 14
"""Margin between a panel's content and the edge of its card, in pixels."""


def font(size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the application's font for custom painting, with `size` scaled to the user's type size."""
    return theme.font(scaled(size), weight)


@lru_cache(maxsize=1024)
def elide(text: str, face: QFont, width: int) -> str:
    """Elide `text` to `width` pixels; cached, because measuring text costs more than painting it."""
    return QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, width)


def shorten(text: str, metrics: QFontMetrics, width: int) -> str:
    """Shorten `text` to `width` pixels by leaving out its last parts; a first part that is too long is elided."""
    parts = text.split(BREAK)
    shorter = (BREAK.join(parts[:count]) for count in range(len(parts), 0, -1))
    fitting = (candidate for candidate in shorter if metrics.horizontalAdvance(candidate) <= width)
    return next(fitting, None) or metrics.elidedText(parts[0], Qt.TextElideMode.ElideRight, width)


def blend(under: str | QColor, over: str | QColor, share: float) -> QColor:
    """Return `over` blended over `under` at opacity `share`."""
    low, high = QColor(under), QColor(over)
    parts = ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def legible_on(background: QColor) -> QColor:
    """Return a dark or a light text colour, whichever has more contrast with `background`."""
    # luma of ITU-R BT.601
    brightness = 0.299 * background.red() + 0.587 * background.green() + 0.114 * background.blue()
    return QColor(theme.DARK.window if brightness > 120 else theme.DARK.text)


def quiet_label(*, wraps: bool = False) -> QLabel:
    """Return an empty label in small, secondary text."""
    label = QLabel()
    label.setProperty("quiet", True)
    label.setProperty("small", True)
    label.setWordWrap(wraps)
    return label


class _FlatCombo(ComboBox):
    def sizeHint(self) -> QSize:  # noqa: N802
        """Return Qt's size hint plus the pixel that Qt adds at each side of the text."""
        return super().sizeHint() + QSize(_SPARE, 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return a small width: in a full title row the text is elided, and the list shows it in full."""
        is_large = scaled(theme.NORMAL) > _LARGEST
        text_width = min_text_width(self.fontMetrics()) + _AROUND
        width = min(text_width, self.sizeHint().width()) if is_large else _NARROWEST
        return QSize(max(width, _NARROWEST), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Add an elided text in full to the tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.currentText()
            is_elided = self.fontMetrics().horizontalAdvance(text) > self._text_width()
            lines = filter(None, (text if is_elided else "", self.toolTip()))
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def _text_width(self) -> int:
        """Return the width available for the text, in pixels."""
        option, field = QStyleOptionComboBox(), QStyle.SubControl.SC_ComboBoxEditField
        self.initStyleOption(option)
        return self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - _SPARE

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the combo box with its text elided."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        mode = Qt.TextElideMode.ElideRight
        option.currentText = self.fontMetrics().elidedText(option.currentText, mode, self._text_width())
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:  # noqa: N802
        """Open a list that is as wide as its widest text."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 6 * GAP)
        super().showPopup()


def flat_combo() -> QComboBox:
    """Return a combo box without a frame, for a panel's title row."""
    combo = _FlatCombo()
    combo.setProperty("flat", True)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return combo


def relabel(combo: QComboBox, texts: list[str]) -> None:
    """Replace the texts of a combo box's items; the current index stays."""
    for index, text in enumerate(texts):
        combo.setItemText(index, text)


def reparent(controls: Sequence[QWidget], panel: QWidget) -> None:
    """Make `panel` the owner of controls that its card shows in a title row."""
    for control in controls:
        control.setParent(panel)


def row(*widgets: QWidget | None, spacing: int = 2 * GAP) -> QHBoxLayout:
    """Return a layout of widgets side by side; None takes the remaining width."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget)
    return layout
