"""Painting clips: in the colour of their task, filled as far as they have been run."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from widgets.style import theme
from widgets.style.panel_style import blend, elided, font
from widgets.timeline.layout import TimelineLayout
from widgets.timeline.tracks import ClipBlock

RADIUS = 5
HATCH = 10
"""Pixels from one line of the hatching to the next."""
INSET = 10
"""Pixels between a clip's border and its text."""
PLANNED, DONE = 0.24, 0.72
"""How much of the task's colour shows in a clip before and after it is run."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
READABLE = 4.5
"""Least contrast of text (WCAG 2, level AA)."""


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@cache
def fill(hue: int, share: float, look: theme.Theme) -> QColor:
    """Return the colour of a clip's ground: as strong as `share`, but never too strong for its text."""
    colour, card, text = theme.task_colour(hue), QColor(look.card), QColor(look.text)
    shares = [share - 0.02 * step for step in range(int(share / 0.02))]
    mixed = (blend(card, colour, part) for part in shares)
    return next((ground for ground in mixed if contrast(ground, text) >= READABLE), blend(card, colour, 0.1))


def paint_clip(painter: QPainter, layout: TimelineLayout, block: ClipBlock, place: int, *, faded: bool = False) -> None:
    """Paint one clip with its words."""
    look, box = theme.current(), layout.rect(block, place)
    area = layout.area
    if box.right() < area.left() or box.left() > area.right():
        return
    painter.save()
    painter.setOpacity(0.35 if faded else 1)
    outline = QPainterPath()
    outline.addRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
    painter.fillPath(outline, fill(block.hue, PLANNED, look))
    painter.save()
    painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    done = max(block.done - block.shared, 0) * layout.scale.rate
    lived = QRectF(box.left(), box.top(), done - (block.state == "finished"), box.height())
    painter.fillRect(lived, fill(block.hue, DONE, look))
    if theme.is_hatched(block.hue):
        _paint_hatching(painter, box)
    painter.restore()
    painter.setPen(QPen(theme.task_colour(block.hue), 1))
    painter.drawPath(outline)
    _paint_words(painter, block, box, layout, thin=place > 0)
    painter.restore()


def _paint_hatching(painter: QPainter, box: QRectF) -> None:
    ink = QColor(theme.current().text)
    ink.setAlpha(36)
    painter.setPen(QPen(ink, 2))
    start, height = int(box.left() - box.height()), box.height()
    lines = [QLineF(x, box.bottom(), x + height, box.top()) for x in range(start, int(box.right()), HATCH)]
    painter.drawLines(lines)


def _paint_words(painter: QPainter, block: ClipBlock, box: QRectF, layout: TimelineLayout, *, thin: bool) -> None:
    area = layout.area
    left = max(box.left(), area.left()) + INSET
    room = QRectF(left, box.top(), min(box.right(), area.right()) - INSET - left, box.height())
    if room.width() < 12:
        return
    painter.setPen(QColor(theme.current().text))
    size, weight = (theme.SMALL, QFont.Weight.Normal) if thin else (theme.BODY, QFont.Weight.Medium)
    if thin:
        _line(painter, room, block.title, font(size, weight))
        return
    upper, lower = (QRectF(left, line.top(), room.width(), line.height()) for line in layout.lines())
    _line(painter, upper, block.title, font(size, weight))
    painter.setOpacity(painter.opacity() * 0.85)
    _line(painter, lower, block.account, font(theme.SMALL))


def _line(painter: QPainter, room: QRectF, text: str, face: QFont) -> None:
    painter.setFont(face)
    painter.drawText(room, LEFT, elided(text, face, int(room.width())))


def paint_frame(painter: QPainter, box: QRectF, *, strong: bool, focused: bool) -> None:
    """Frame the clip that is selected (brightly where keys go to it), or only under the mouse."""
    look = theme.current()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(look.accent if focused else look.quiet), 2 if strong else 1))
    inner = 1 if strong else 0.5
    painter.drawRoundedRect(box.adjusted(inner, inner, -inner, -inner), RADIUS, RADIUS)
    if not strong or box.width() < 24:
        return
    painter.setPen(QPen(QColor(look.text), 1))
    for offset in (-5, -8):
        middle, x = box.center().y(), box.right() + offset
        painter.drawLine(int(x), int(middle - 5), int(x), int(middle + 5))
