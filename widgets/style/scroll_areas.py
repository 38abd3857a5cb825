"""Scroll areas that scroll in one direction, and functions that fit their height to their content."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget


def vertical_scroll_area(widget: QWidget) -> QScrollArea:
    """Return a frameless area around `widget` that scrolls vertically only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def horizontal_scroll_area(widget: QWidget) -> QScrollArea:
    """Return a frameless area around `widget` that scrolls horizontally only; `fit_to_content` sets its height."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def fit_to_content(area: QScrollArea, widget: QWidget) -> None:
    """Set an area's height to that of its widget, plus the scroll bar if it is needed."""
    content = widget.minimumSizeHint()
    bar = area.horizontalScrollBar().sizeHint().height() if content.width() > area.width() else 0
    area.setFixedHeight(content.height() + bar)


def fit_window(window: QWidget) -> None:
    """Resize a window to its size hint and to the height of its wrapped texts, which `adjustSize` ignores."""
    window.adjustSize()
    layout = window.layout()
    assert layout is not None, "the window has a layout"
    window.resize(window.width(), max(window.height(), layout.totalMinimumHeightForWidth(window.width())))


def fit_height(area: QScrollArea, needed: int, max_height: int, line: int) -> int:
    """Set an area's height to `needed` pixels or, beyond `max_height`, to whole lines that scroll; return it."""
    scrolls = needed > max_height
    height = max(max_height // line, 1) * line if scrolls else needed
    policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    area.setVerticalScrollBarPolicy(policy)
    area.setFixedHeight(height)
    return height


def fit_text(area: QScrollArea, label: QLabel, width: int, max_height: int) -> None:
    """Set an area's height to that of its label at `width`, or, beyond `max_height`, to whole lines that scroll."""
    fit_height(area, max(label.heightForWidth(width), 0), max_height, label.fontMetrics().lineSpacing())
