"""A sentence as a flow of word chips, shaded by how much each word counts."""

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
"""Least distance from one line of chips to the next, and the room between and inside of them, in pixels."""
_FAINTEST, _STRONGEST = 0.07, 0.40


def flow_line() -> int:
    """Return the distance from one line of chips to the next, in the type that the person chose."""
    return max(_LINE, line_height(theme.BODY) + _SPACE + 2)


def _chip() -> int:
    return flow_line() - _SPACE


class WordFlow(QWidget):
    """Wraps like text; never cuts a word off unless the word alone is wider than the panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[tuple[str, float], ...] = ()
        self._laid: tuple[object, list[QRectF]] = (None, [])
        """Where the words lie, and for which words, width and type that holds."""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_words(self, text: str, attention: Sequence[tuple[str, float]] = ()) -> bool:
        """Show the words of `attention`, or of `text` where nothing is known of attention; True if they changed."""
        words = tuple(attention) or tuple((word, 0.0) for word in text.split())
        if words == self._words:
            return False
        relaid = [word for word, _ in words] != [word for word, _ in self._words]
        self._words = words
        if relaid:
            self.setAccessibleDescription(text)
            self.updateGeometry()
        self.update()
        return relaid

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of the wrapped sentence."""
        places = self._places(width)
        return int(places[-1].bottom()) + 1 if places else _chip()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Prefer the width at hand."""
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Need room for one chip."""
        return QSize(60, _chip())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Wrap again."""
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the chips: the more a word counts, the stronger the shade; what counts against is an outline."""
        colours, (least, span) = theme.current(), self._range()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(theme.BODY))
        for (word, share), place in zip(self._words, self._places(self.width()), strict=True):
            strength = _FAINTEST + (_STRONGEST - _FAINTEST) * (abs(share) - least) / span
            shade = blend(colours.card, colours.accent, strength)
            painter.setPen(shade if share < 0 else Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.NoBrush if share < 0 else shade)
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5) if share < 0 else place, 4, 4)
            painter.setPen(colours.text)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, word)

    def _range(self) -> tuple[float, float]:
        """Return the least share, and how far the largest lies above it: at least an even share.

        What is nearly even looks even; otherwise the word that is looked at most stands out.
        """
        shares = [abs(share) for _, share in self._words] or [0.0]
        return min(shares), max(max(shares) - min(shares), 1 / len(shares))

    def _places(self, width: int) -> list[QRectF]:
        face = font(theme.BODY)
        words = [word for word, _ in self._words]
        asked = (words, width, face.pixelSize())
        if self._laid[0] != asked:
            self._laid = (asked, _wrapped([_width(word, face) for word in words], width))
        return self._laid[1]


@lru_cache(maxsize=1024)
def _width(word: str, face: QFont) -> float:
    return QFontMetricsF(face).horizontalAdvance(word) + 2 * _PADDING


def _wrapped(widths: list[float], width: int) -> list[QRectF]:
    places: list[QRectF] = []
    x = y = 0.0
    line = flow_line()
    for natural in widths:
        wide = min(natural, max(width, 1))
        if x and x + wide > width:
            x, y = 0.0, y + line
        places.append(QRectF(x, y, wide, line - _SPACE))
        x += wide + _SPACE
    return places
