"""Sizes that depend on the user's type size, and the minimum length of elided texts."""

from __future__ import annotations

import unicodedata

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLineEdit

from widgets.style import theme

RECOGNISABLE = 8
"""Minimum number of columns that elision leaves of a text; a Chinese character takes two columns."""
_ROW, _AROUND = 44, 14
"""Minimum height of a row of two lines, and the padding around its text, in pixels."""


def scaled(pixels: int) -> int:
    """Scale a length, given for the normal type size, to the user's type size."""
    return round(pixels * max(QApplication.font().pixelSize(), theme.NORMAL) / theme.NORMAL)


def line_height(size: int) -> int:
    """Return the height of a line of text; `size` is its type size before scaling, in pixels."""
    return QFontMetrics(theme.font(scaled(size))).height()


def row_height() -> int:
    """Return the height of a list row with a name and a line of secondary text; at least a comfortable click target."""
    return max(_ROW, line_height(theme.BODY) + line_height(theme.SMALL) + _AROUND)


def columns(text: str) -> int:
    """Return the number of columns a text takes; wide characters take two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def min_text_width(metrics: QFontMetrics) -> int:
    """Return the width in pixels that an elided text needs to be recognised."""
    return metrics.horizontalAdvance("n" * RECOGNISABLE + "…")


def set_placeholder(field: QLineEdit, text: str, meaning: str = "") -> None:
    """Set a field's placeholder text, and a tooltip with that text and its meaning."""
    field.setPlaceholderText(text)
    field.setToolTip("\n".join(filter(None, (text, meaning))))
