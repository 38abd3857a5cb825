"""Areas that are as high as what they hold, or else scroll by whole lines; or sideways, where that is wide."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget


def scrolling(widget: QWidget) -> QScrollArea:
    """Return a frameless area around `widget` that scrolls up and down only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def sideways(widget: QWidget) -> QScrollArea:
    """Return a frameless area around `widget` that scrolls left and right only; `level` fits its height."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def level(area: QScrollArea, widget: QWidget) -> None:
    """Make an area as high as the widget that it holds, and its scroll bar if there has to be one."""
    inside = widget.minimumSizeHint()
    bar = area.horizontalScrollBar().sizeHint().height() if inside.width() > area.width() else 0
    area.setFixedHeight(inside.height() + bar)


def grow(window: QWidget) -> None:
    """Make a window as large as it prefers, and high enough for texts that wrap; Qt stops before that."""
    window.adjustSize()
    layout = window.layout()
    assert layout is not None, "it has a layout"
    window.resize(window.width(), max(window.height(), layout.totalMinimumHeightForWidth(window.width())))


def shown(area: QScrollArea, needed: int, most: int, line: int) -> int:
    """Make an area as high as it needs, or else scroll by whole lines; return its height."""
    scrolls = needed > most
    height = max(most // line, 1) * line if scrolls else needed
    policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    area.setVerticalScrollBarPolicy(policy)
    area.setFixedHeight(height)
    return height


def fit_words(area: QScrollArea, words: QLabel, width: int, most: int) -> None:
    """Make an area as high as the text in it, or else, beyond `most` pixels, let it scroll by whole lines."""
    shown(area, max(words.heightForWidth(width), 0), most, words.fontMetrics().lineSpacing())
