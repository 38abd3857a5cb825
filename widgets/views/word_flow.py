"""A sentence as a flow of word chips, shaded by attention or attribution."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.style import theme
from widgets.style.panel_style import blend, font
from widgets.style.text_metrics import line_height

_LINE, _SPACE, _PADDING = 26, 4, 5
"""Minimum distance between lines of chips, and the space between and inside chips, in pixels."""
_FAINTEST, _STRONGEST = 0.07, 0.40


def flow_line() -> int:
    """Return the distance between lines of chips, at the user's type size, in pixels."""
    return max(_LINE, line_height(theme.BODY) + _SPACE + 2)


def _chip() -> int:
    return flow_line() - _SPACE


class WordFlow(QWidget):
    """Shows words that wrap like text; a word is cut off only if it is wider than the widget."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[tuple[str, float], ...] = ()
        self._layout_cache: tuple[object, list[QRectF]] = (None, [])
        """Rectangles of the words, after a key of words, width and type size."""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_words(self, text: str, attention: Sequence[tuple[str, float]] = ()) -> bool:
        """Show the words of `attention` with their weights, or those of `text` without; return whether they changed."""
        words = tuple(attention) or tuple((word, 0.0) for word in text.split())
        if words == self._words:
            return False
        has_new_words = [word for word, _ in words] != [word for word, _ in self._words]
        self._words = words
        if has_new_words:
            self.setAccessibleDescription(text)
            self.updateGeometry()
        self.update()
        return has_new_words

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of the wrapped sentence."""
        boxes = self._boxes(width)
        return int(boxes[-1].bottom()) + 1 if boxes else _chip()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the current width, at least 240 pixels, with its height."""
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the size of one chip."""
        return QSize(60, _chip())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Wrap the words again."""
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the chips, shaded by the magnitude of their weight; negative weights are outlined."""
        colours, (lowest, span) = theme.current(), self._range()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(theme.BODY))
        for (word, weight), box in zip(self._words, self._boxes(self.width()), strict=True):
            strength = _FAINTEST + (_STRONGEST - _FAINTEST) * (abs(weight) - lowest) / span
            shade = blend(colours.card, colours.accent, strength)
            painter.setPen(shade if weight < 0 else Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.NoBrush if weight < 0 else shade)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5) if weight < 0 else box, 4, 4)
            painter.setPen(colours.text)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)

    def _range(self) -> tuple[float, float]:
        """Return the smallest magnitude of the weights, and the span up to the largest, at least 1 / words.

        The lower limit of the span makes nearly uniform weights look uniform.
        """
        weights = [abs(weight) for _, weight in self._words] or [0.0]
        return min(weights), max(max(weights) - min(weights), 1 / len(weights))

    def _boxes(self, width: int) -> list[QRectF]:
        face = font(theme.BODY)
        words = [word for word, _ in self._words]
        key = (words, width, face.pixelSize())
        if self._layout_cache[0] != key:
            self._layout_cache = (key, _wrap([_width(word, face) for word in words], width))
        return self._layout_cache[1]


@lru_cache(maxsize=1024)
def _width(word: str, face: QFont) -> float:
    return QFontMetricsF(face).horizontalAdvance(word) + 2 * _PADDING


def _wrap(widths: list[float], width: int) -> list[QRectF]:
    boxes: list[QRectF] = []
    x = y = 0.0
    line = flow_line()
    for natural in widths:
        wide = min(natural, max(width, 1))
        if x and x + wide > width:
            x, y = 0.0, y + line
        boxes.append(QRectF(x, y, wide, line - _SPACE))
        x += wide + _SPACE
    return boxes
