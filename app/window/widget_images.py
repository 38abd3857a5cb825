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
    """Save a PNG image of `widget`. Raises OSError."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    write_whole(path, bytes(content.data()))


def save_svg(widget: QWidget, path: Path) -> None:
    """Save a vector drawing of `widget` as SVG. Raises OSError."""
    content = QByteArray()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer := QBuffer(content))
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(), widget.size()))
    generator.setTitle(widget.windowTitle() or widget.accessibleName())
    generator.setResolution(widget.logicalDpiX())
    with _without_cache(widget):
        _draw(widget, generator)
    buffer.close()
    write_whole(path, bytes(content.data()))


def _draw(widget: QWidget, generator: QSvgGenerator) -> None:
    painter = QPainter(generator)
    # the window's background, which a card does not draw itself
    painter.fillRect(widget.rect(), widget.palette().color(QPalette.ColorRole.Window))
    widget.render(
        painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren | QWidget.RenderFlag.DrawWindowBackground
    )
    painter.end()


@contextmanager
def _without_cache(widget: QWidget) -> Iterator[None]:
    """Disable the cached background pixmaps of plots, which would be raster images in the SVG."""
    views = widget.findChildren(QGraphicsView)
    modes = [view.cacheMode() for view in views]
    for view in views:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    try:
        yield
    finally:
        for view, mode in zip(views, modes, strict=True):
            view.setCacheMode(mode)


WRITERS: Mapping[str, Callable[[QWidget, Path], None]] = {"png": save_png, "svg": save_svg}
"""The function that saves a picture, by the suffix of the file."""
