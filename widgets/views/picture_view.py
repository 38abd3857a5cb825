"""A widget that shows a rendered picture of an environment, scaled to fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.style import theme

_ROUND = 6


class PictureView(QWidget):
    """Shows an RGB array as large as fits, or a text while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels: Any = None
        self._image: QImage | None = None
        self._placeholder = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return self._image is not None

    def show_picture(self, picture: Any) -> None:
        """Show a uint8 array (height, width, 3); None removes the picture."""
        self._pixels = None if picture is None else np.ascontiguousarray(picture)
        self._image = None if picture is None else _image(self._pixels)
        self.update()

    def set_placeholder(self, text: str) -> None:
        """Set the text that is shown while there is no picture."""
        self._placeholder = text
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a square."""
        return QSize(240, 240)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the smallest size at which objects are recognisable."""
        return QSize(96, 96)

    def picture_rect(self) -> QRectF:
        """Return the rectangle of the picture: as large as fits, at the top, centred horizontally."""
        image = self._image
        wide, high = (1, 1) if image is None else (image.width(), image.height())
        scale = min(self.width() / wide, self.height() / high)
        size = (wide * scale, high * scale)
        # whole pixels: a picture of the right size is then copied instead of resampled
        return QRectF(round((self.width() - size[0]) / 2), 0, *size)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the picture, or the placeholder, with round corners."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box, outline = self.picture_rect(), QPainterPath()
        outline.addRoundedRect(box, _ROUND, _ROUND)
        painter.setClipPath(outline)
        if self._image is not None:
            painter.drawImage(box, self._image)
            return
        painter.fillPath(outline, QColor(theme.current().raised))
        painter.setPen(theme.current().quiet)
        inner = box.adjusted(12, 12, -12, -12)
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._placeholder)


def _image(pixels: Any) -> QImage:
    height, width = pixels.shape[:2]
    # QImage does not copy: the caller must keep `pixels` alive as long as the image
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888)
