"""Painting of clips: in the colour of their task, and stronger as far as they have been run."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from widgets.style import theme
from widgets.style.panel_style import blend, elide, font
from widgets.timeline.layout import TimelineLayout
from widgets.timeline.tracks import ClipBlock

RADIUS = 5
HATCH = 10
"""Distance between the lines of the hatching, in pixels."""
INSET = 10
"""Pixels between a clip's border and its text."""
PLANNED, DONE = 0.24, 0.72
"""Opacity of the task's colour in a clip before and after it is run."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
READABLE = 4.5
"""Minimum contrast of text (WCAG 2, level AA)."""


def contrast(first: QColor, second: QColor) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@cache
def background_colour(hue: int, opacity: float, palette: theme.Theme) -> QColor:
    """Return a clip's background: the task's colour at `opacity` (0 to 1), or less where the text needs contrast."""
    colour, card, text = theme.task_colour(hue), QColor(palette.card), QColor(palette.text)
    opacities = [opacity - 0.02 * step for step in range(int(opacity / 0.02))]
    mixed = (blend(card, colour, part) for part in opacities)
    readable = (background for background in mixed if contrast(background, text) >= READABLE)
    return next(readable, blend(card, colour, 0.1))


def paint_clip(painter: QPainter, layout: TimelineLayout, block: ClipBlock, row: int, *, is_dimmed: bool) -> None:
    """Paint one clip and its text; `row` is the index of its track."""
    palette, box = theme.current(), layout.rect(block, row)
    area = layout.area
    if box.right() < area.left() or box.left() > area.right():
        return
    painter.save()
    painter.setOpacity(0.35 if is_dimmed else 1)
    outline = QPainterPath()
    outline.addRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
    painter.fillPath(outline, background_colour(block.hue, PLANNED, palette))
    painter.save()
    painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    done = max(block.done - block.shared, 0) * layout.scale.rate
    progress = QRectF(box.left(), box.top(), done - (block.state == "finished"), box.height())
    painter.fillRect(progress, background_colour(block.hue, DONE, palette))
    if theme.is_hatched(block.hue):
        _paint_hatching(painter, box)
    painter.restore()
    painter.setPen(QPen(theme.task_colour(block.hue), 1))
    painter.drawPath(outline)
    _paint_text(painter, block, box, layout, thin=row > 0)
    painter.restore()


def _paint_hatching(painter: QPainter, box: QRectF) -> None:
    ink = QColor(theme.current().text)
    ink.setAlpha(36)
    painter.setPen(QPen(ink, 2))
    start, height = int(box.left() - box.height()), box.height()
    lines = [QLineF(x, box.bottom(), x + height, box.top()) for x in range(start, int(box.right()), HATCH)]
    painter.drawLines(lines)


def _paint_text(painter: QPainter, block: ClipBlock, box: QRectF, layout: TimelineLayout, *, thin: bool) -> None:
    area = layout.area
    left = max(box.left(), area.left()) + INSET
    # text stays visible while its clip is scrolled partly out of view
    text_box = QRectF(left, box.top(), min(box.right(), area.right()) - INSET - left, box.height())
    if text_box.width() < 12:
        return
    painter.setPen(QColor(theme.current().text))
    size, weight = (theme.SMALL, QFont.Weight.Normal) if thin else (theme.BODY, QFont.Weight.Medium)
    if thin:
        _paint_line(painter, text_box, block.title, font(size, weight))
        return
    upper, lower = (QRectF(left, line.top(), text_box.width(), line.height()) for line in layout.lines())
    _paint_line(painter, upper, block.title, font(size, weight))
    painter.setOpacity(painter.opacity() * 0.85)
    _paint_line(painter, lower, block.budget_text, font(theme.SMALL))


def _paint_line(painter: QPainter, box: QRectF, text: str, face: QFont) -> None:
    painter.setFont(face)
    painter.drawText(box, LEFT, elide(text, face, int(box.width())))


def paint_frame(painter: QPainter, box: QRectF, *, strong: bool, focused: bool) -> None:
    """Frame a selected clip (`strong`; in the accent colour if the timeline has the focus), or a hovered one."""
    palette = theme.current()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(palette.accent if focused else palette.quiet), 2 if strong else 1))
    inner = 1 if strong else 0.5
    painter.drawRoundedRect(box.adjusted(inner, inner, -inner, -inner), RADIUS, RADIUS)
    if not strong or box.width() < 24:
        return
    painter.setPen(QPen(QColor(palette.text), 1))
    for offset in (-5, -8):  # two grip lines at the right edge, which is dragged to change the budget
        middle, x = box.center().y(), box.right() + offset
        painter.drawLine(int(x), int(middle - 5), int(x), int(middle + 5))
