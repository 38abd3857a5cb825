"""A world's picture: square room, sharp at any scale of the screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.style import theme

_ROUND = 6


class PictureView(QWidget):
    """Shows an array of colours as large as the room allows, or a word while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels: Any = None
        self._image: QImage | None = None
        self._word = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def has_picture(self) -> bool:
        """Whether there is something to see."""
        return self._image is not None

    def show_picture(self, picture: Any) -> None:
        """Show a uint8 array (height, width, 3); None takes the picture away."""
        self._pixels = None if picture is None else np.ascontiguousarray(picture)
        self._image = None if picture is None else _image(self._pixels)
        self.update()

    def say(self, word: str) -> None:
        """Say what is missing, while there is no picture."""
        self._word = word
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Prefer a square."""
        return QSize(240, 240)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Need enough to tell things apart."""
        return QSize(96, 96)

    def place(self) -> QRectF:
        """Return where the picture lies: as large as it fits, at the top, in the middle across."""
        image = self._image
        wide, high = (1, 1) if image is None else (image.width(), image.height())
        scale = min(self.width() / wide, self.height() / high)
        size = (wide * scale, high * scale)
        # whole pixels: a picture of the right size is then copied, and not computed anew
        return QRectF(round((self.width() - size[0]) / 2), 0, *size)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the picture with round corners."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        place, outline = self.place(), QPainterPath()
        outline.addRoundedRect(place, _ROUND, _ROUND)
        painter.setClipPath(outline)
        if self._image is not None:
            painter.drawImage(place, self._image)
            return
        painter.fillPath(outline, QColor(theme.current().raised))
        painter.setPen(theme.current().quiet)
        inner = place.adjusted(12, 12, -12, -12)
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._word)


def _image(pixels: Any) -> QImage:
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888)
