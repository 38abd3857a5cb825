"""Render widgets to PNG or SVG files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect
from PySide6.QtGui import QPainter, QPalette, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from agents.runtime.atomic_write import write_whole


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
    with _unkept(widget):
        _draw(widget, drawing)
    buffer.close()
    write_whole(path, bytes(content.data()))


def _draw(widget: QWidget, drawing: QSvgGenerator) -> None:
    painter = QPainter(drawing)
    # the window paints the ground that a card lies on
    painter.fillRect(widget.rect(), widget.palette().color(QPalette.ColorRole.Window))
    widget.render(
        painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren | QWidget.RenderFlag.DrawWindowBackground
    )
    painter.end()


@contextmanager
def _unkept(widget: QWidget) -> Iterator[None]:
    """Let plots forget the pictures of their grounds that they keep, which would be pixels in the drawing."""
    views = widget.findChildren(QGraphicsView)
    modes = [view.cacheMode() for view in views]
    for view in views:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    try:
        yield
    finally:
        for view, mode in zip(views, modes, strict=True):
            view.setCacheMode(mode)


KINDS: Mapping[str, Callable[[QWidget, Path], None]] = {"png": save_png, "svg": save_svg}
"""How a picture is saved, by the end of the file's name."""
