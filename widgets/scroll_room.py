"""Areas that are as high as what they hold, or else scroll by whole lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolling(widget: QWidget) -> QScrollArea:
    """Return a frameless area around `widget` that scrolls up and down only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def shown(area: QScrollArea, needed: int, most: int, line: int) -> int:
    """Make an area as high as it needs, or else scroll by whole lines; return its height."""
    scrolls = needed > most
    height = max(most // line, 1) * line if scrolls else needed
    policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    area.setVerticalScrollBarPolicy(policy)
    area.setFixedHeight(height)
    return height
