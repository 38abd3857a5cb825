"""Pictures of widgets as files: pixels (PNG), or lines and letters that stay sharp at any size (SVG)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect
from PySide6.QtGui import QPainter, QPalette, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from agents.disk import write_whole


def save_png(widget: QWidget, path: Path) -> None:
    """Save what `widget` shows, pixel by pixel. Raises OSError."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    write_whole(path, bytes(content.data()))


def save_svg(widget: QWidget, path: Path) -> None:
    """Save what `widget` shows as lines and letters. Raises OSError."""
    content = QByteArray()
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer := QBuffer(content))
    drawing.setSize(widget.size())
    drawing.setViewBox(QRect(QPoint(), widget.size()))
    drawing.setTitle(widget.windowTitle() or widget.accessibleName())
    drawing.setResolution(widget.logicalDpiX())
    painter = QPainter(drawing)
    # the window paints the ground that a card lies on
    painter.fillRect(widget.rect(), widget.palette().color(QPalette.ColorRole.Window))
    widget.render(
        painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren | QWidget.RenderFlag.DrawWindowBackground
    )
    painter.end()
    buffer.close()
    write_whole(path, bytes(content.data()))


KINDS: Mapping[str, Callable[[QWidget, Path], None]] = {"png": save_png, "svg": save_svg}
"""How a picture is saved, by the end of the file's name."""
