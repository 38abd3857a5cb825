"""Room for text: pixels that grow with the type, and how much of a text has to be left where it is shortened."""

from __future__ import annotations

import unicodedata

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLineEdit

from widgets.style import theme

RECOGNISABLE = 8
"""Columns of text that an ellipsis leaves at least; a Chinese character takes two."""
_ROW, _AROUND = 44, 14
"""Least height of a row of two lines, and the room around its text, in pixels."""


def scaled(pixels: int) -> int:
    """Return a length that holds text, given for type of normal size, as much larger as the person chose."""
    return round(pixels * max(QApplication.font().pixelSize(), theme.NORMAL) / theme.NORMAL)


def line_height(size: int) -> int:
    """Return the height of a line of text that is `size` pixels large in type of normal size."""
    return QFontMetrics(theme.font(scaled(size))).height()


def row_height() -> int:
    """Return the height of a row of a list that holds a name and a remark below it; a hand hits it in any type."""
    return max(_ROW, line_height(theme.BODY) + line_height(theme.SMALL) + _AROUND)


def columns(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def least_width(metrics: QFontMetrics) -> int:
    """Return the pixels in which what is left of any text is recognised."""
    return metrics.horizontalAdvance("n" * RECOGNISABLE + "…")


def prompt(field: QLineEdit, text: str, meaning: str = "") -> None:
    """Say in an empty field what belongs there; its tooltip has all of it, and what that means."""
    field.setPlaceholderText(text)
    field.setToolTip("\n".join(filter(None, (text, meaning))))
