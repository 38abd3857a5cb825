"""Painting the timeline: ruler, tracks, memories, and the playhead over everything."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from agents.story.columns import Columns
from widgets.plots.event_marks import StoryMark
from widgets.style import theme
from widgets.style.panel_style import BREAK, elided, font
from widgets.style.text_metrics import scaled
from widgets.style.translation import tr
from widgets.timeline.clip_painting import INSET, paint_clip, paint_frame
from widgets.timeline.layout import GAP, MARGIN, RULER, TimelineLayout, gutter
from widgets.timeline.scale import short
from widgets.timeline.tracks import ClipBlock, Track

BAR, PITCH = 2, 4
"""Width and distance of the bars of the strip of memories."""
LABEL, HANDLE = 36, 7
"""Room of a label on the ruler in type of normal size, and half the width of the playhead's handle."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is painted beside the tracks: where the reader stands, and what the hands are doing."""

    now: int | None = None
    """How far the run in front has come; None without a run."""
    playhead: int | None = None
    """The step that is looked at; None without a run."""
    marks: tuple[StoryMark, ...] = ()
    """Steps at which a person stepped in, and with what."""
    remembered: Columns | None = None
    colours: tuple[int, ...] = ()
    """The colour of each of the run's tasks."""
    selected: str = ""
    hovered: str = ""
    focused: bool = False
    gap: int | None = None
    """Where a drop would put a clip."""
    carried: str = ""
    """The clip that is being moved."""
    readout: tuple[float, str] | None = field(default=None)
    """A step, and what to say there."""


def still(layout: TimelineLayout, look: Look) -> tuple[object, ...]:
    """Return all that `paint_still` depends on: where it is equal, the picture is, too."""
    tracks = [
        (track.name, track.strategy, track.left, [None if _moves(block) else block for block in track.blocks])
        for track in layout.tracks
    ]
    return (
        tracks,
        layout.scale,
        layout.width,
        layout.height,
        look.carried,
        theme.current(),
        font(theme.BODY),
        tr("memory"),
    )


def paint_still(painter: QPainter, layout: TimelineLayout, look: Look) -> None:
    """Paint what stays as it is while a run goes on: the ruler, the names, and the clips that are not running."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.save()
    painter.setClipRect(layout.area.adjusted(-1, 0, MARGIN, 0))
    _paint_grid(painter, layout)
    painter.setClipRect(layout.area.adjusted(-1, RULER, MARGIN, 0))
    _paint_clips(painter, layout, look, moving=False)
    _paint_forks(painter, layout)
    painter.restore()
    for place, track in enumerate(layout.tracks):
        _paint_name(painter, layout, place, track)
    _paint_quiet(painter, _beside(layout.strip()), tr("memory"))


def paint_moving(painter: QPainter, layout: TimelineLayout, look: Look) -> None:
    """Paint everything else over it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.save()
    painter.setClipRect(layout.area.adjusted(-1, 0, MARGIN, 0))
    if look.remembered is not None:
        _paint_memories(painter, layout, look.remembered, look)
    else:
        words = tr("What the agent remembers is counted here once a run begins.")
        room = layout.strip().adjusted(2, 0, 0, 0)
        painter.fillRect(room, QColor(theme.current().card))
        _paint_quiet(painter, room.adjusted(INSET, 0, 0, 0), words)
    painter.setClipRect(layout.area.adjusted(-1, RULER, MARGIN, 0))
    _paint_clips(painter, layout, look, moving=True)
    _paint_ahead(painter, layout, look)
    _paint_frames(painter, layout, look)
    _paint_gap(painter, layout, look)
    painter.restore()
    if not layout.main:
        _paint_invitation(painter, layout)
    painter.setClipRect(layout.area.adjusted(-8, 0, MARGIN, 0))
    _paint_marks(painter, layout, look)
    _paint_playhead(painter, layout, look)
    _paint_readout(painter, layout, look)


def _moves(block: ClipBlock) -> bool:
    return block.state == "running"


def _paint_clips(painter: QPainter, layout: TimelineLayout, look: Look, *, moving: bool) -> None:
    for place, track in enumerate(layout.tracks):
        for block in track.blocks:
            if _moves(block) == moving:
                paint_clip(painter, layout, block, place, faded=place == 0 and block.stage.id == look.carried)


def _paint_forks(painter: QPainter, layout: TimelineLayout) -> None:
    """Lead from the track that a run left, where it left it, down to its own."""
    painter.setPen(QPen(QColor(theme.current().text), 2))
    painter.setBrush(QColor(theme.current().card))
    for place, track in enumerate(layout.tracks):
        if track.left is not None:
            x = round(layout.scale.x(track.left[1])) + 0.5
            top = layout.lane(track.left[0]).bottom()
            painter.drawLine(QPointF(x, top), QPointF(x, layout.lane(place).bottom()))
            painter.drawEllipse(QPointF(x, top), 3.5, 3.5)


def _beside(lane: QRectF) -> QRectF:
    return QRectF(0, lane.top(), gutter() - GAP, lane.height())


def _paint_grid(painter: QPainter, layout: TimelineLayout) -> None:
    look = theme.current()
    painter.setFont(font(theme.SMALL))
    bottom = layout.strip().bottom()
    for step in layout.scale.ticks(layout.width - MARGIN):
        x = round(layout.scale.x(step)) + 0.5
        painter.setPen(QPen(QColor(look.line), 1))
        painter.drawLine(QPointF(x, 4), QPointF(x, bottom))
        if x + scaled(LABEL) < layout.width:
            painter.setPen(QColor(look.quiet))
            painter.drawText(QRectF(x + 4, 0, scaled(LABEL), RULER - 4), LEFT, short(step))


def _paint_memories(painter: QPainter, layout: TimelineLayout, remembered: Columns, look: Look) -> None:
    """Stack, for every few pixels, how many memories were added, in the colours of their tasks."""
    strip, scale = layout.strip(), layout.scale
    edges = scale.step(strip.left()) + np.arange(int(strip.width() // PITCH) + 1) * PITCH / scale.rate
    kinds = sorted({int(task_id) for task_id in remembered["task_id"]})
    counts = []
    for kind in kinds:
        chosen = remembered["task_id"] == kind
        steps, weights = remembered["step"][chosen], remembered["count"][chosen]
        counts.append(np.histogram(steps, bins=edges, weights=weights)[0])
    tallest = np.max(np.sum(counts, axis=0)) if counts else 0
    floor = np.zeros(len(edges) - 1)
    for kind, count in zip(kinds, counts, strict=True):
        colour = theme.task_colour(look.colours[kind] if kind < len(look.colours) else kind)
        for place in np.flatnonzero(count):
            height = count[place] / tallest * (strip.height() - 4)
            base = strip.bottom() - floor[place]
            painter.fillRect(QRectF(strip.left() + place * PITCH, base - height, BAR, height), colour)
            floor[place] += height


def _paint_ahead(painter: QPainter, layout: TimelineLayout, look: Look) -> None:
    """Veil what was still to come at the moment that is looked at."""
    if look.playhead is None or look.now is None or look.playhead >= look.now:
        return
    veil = QColor(theme.current().card)
    veil.setAlpha(96)
    left, right = layout.scale.x(look.playhead), layout.scale.x(look.now)
    painter.fillRect(QRectF(left, RULER, right - left, layout.strip().bottom() - RULER), veil)


def _paint_frames(painter: QPainter, layout: TimelineLayout, look: Look) -> None:
    for id_, strong in ((look.hovered, False), (look.selected, True)):
        block = layout.block(id_) if id_ else None
        if block is not None and id_ != look.carried:
            paint_frame(painter, layout.rect(block), strong=strong, focused=strong and look.focused)


def _paint_gap(painter: QPainter, layout: TimelineLayout, look: Look) -> None:
    """Show where a drop would put a clip."""
    if look.gap is None:
        return
    lane, x = layout.lane(0), layout.gap_x(look.gap)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.current().accent))
    painter.drawRoundedRect(QRectF(x - 1.5, lane.top() - 4, 3, lane.height() + 8), 1.5, 1.5)


def _paint_name(painter: QPainter, layout: TimelineLayout, place: int, track: Track) -> None:
    shared = _shared(layout.tracks)
    if place or not track.strategy:
        _paint_quiet(painter, _beside(layout.lane(place)), track.name, strong=not place, shared=shared)
        return
    upper, lower = layout.lines()
    _paint_quiet(painter, _beside(upper), track.name, strong=True)
    _paint_quiet(painter, _beside(lower), track.strategy, shared=shared)


def _shared(tracks: tuple[Track, ...]) -> frozenset[str]:
    """Return the statements that are made of every track, and so tell none of them apart."""
    said = [frozenset((track.strategy or track.name).split(BREAK)) for track in tracks]
    return frozenset.intersection(*said) if len(said) > 1 else frozenset()


def _paint_quiet(
    painter: QPainter, room: QRectF, text: str, *, strong: bool = False, shared: frozenset[str] = frozenset()
) -> None:
    look = theme.current()
    face = font(theme.BODY, QFont.Weight.Medium) if strong else font(theme.NORMAL)
    painter.setFont(face)
    painter.setPen(QColor(look.text if strong else look.quiet))
    painter.drawText(room, LEFT, telling(text, face, int(room.width()), shared))


def telling(text: str, face: QFont, width: int, shared: frozenset[str] = frozenset()) -> str:
    """Return as much of a name as there is room for, without the statements that tell the least.

    Those are the ones that are `shared`, then the first ones.
    """
    metrics, every = QFontMetricsF(face), text.split(BREAK)
    parts = [part for part in every if part not in shared] or every
    shorter = (text, *(BREAK.join(parts[first:]) for first in range(len(parts))))
    return next((part for part in shorter if metrics.horizontalAdvance(part) <= width), elided(parts[-1], face, width))


def _paint_invitation(painter: QPainter, layout: TimelineLayout) -> None:
    look, lane = theme.current(), layout.lane(0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(look.line), 1, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(lane.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    words = tr("Drag a task here, or double-click one in the list of tasks.")
    face = font(theme.BODY)
    painter.setFont(face)
    painter.setPen(QColor(look.quiet))
    painter.drawText(lane, Qt.AlignmentFlag.AlignCenter, elided(words, face, int(lane.width()) - 24))


def _paint_marks(painter: QPainter, layout: TimelineLayout, look: Look) -> None:
    """Put a small diamond where a person stepped in, and an arrow back where a stage was taken back."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.current().quiet))
    y = RULER + GAP / 2 - 1
    for mark in look.marks:
        x = layout.scale.x(mark.step)
        diamond = (QPointF(x, y - 4), QPointF(x + 4, y), QPointF(x, y + 4), QPointF(x - 4, y))
        arrow = (QPointF(x, y - 5), QPointF(x, y + 5), QPointF(x - 8, y))
        painter.drawPolygon(QPolygonF(arrow if mark.is_setback else diamond))


def _paint_playhead(painter: QPainter, layout: TimelineLayout, look: Look) -> None:
    """Draw a line at the moment that is looked at, and a faint one at now where that is another."""
    if look.playhead is None or look.now is None:
        return
    bottom, colours = layout.strip().bottom(), theme.current()
    if look.playhead != look.now:
        x = layout.scale.x(look.now)
        painter.setPen(QPen(QColor(colours.quiet), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, RULER - 4), QPointF(x, bottom))
    x = layout.scale.x(look.playhead)
    _clear_label(painter, layout, x)
    painter.setPen(QPen(QColor(colours.accent), 2))
    painter.drawLine(QPointF(x, RULER - 8), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.accent))
    top = RULER - 18
    painter.drawPolygon(QPolygonF([QPointF(x - HANDLE, top), QPointF(x + HANDLE, top), QPointF(x, top + 12)]))


def _clear_label(painter: QPainter, layout: TimelineLayout, x: float) -> None:
    """Wipe out the number of the ruler that the playhead's handle would cut in two."""
    face = QFontMetricsF(font(theme.SMALL))
    for step in layout.scale.ticks(layout.width - MARGIN):
        box = QRectF(layout.scale.x(step) + 3, 0, face.horizontalAdvance(short(step)) + 3, RULER - 4)
        if box.left() - HANDLE < x < box.right() + HANDLE:
            painter.fillRect(box, QColor(theme.current().card))


def _paint_readout(painter: QPainter, layout: TimelineLayout, look: Look) -> None:
    if look.readout is None:
        return
    step, text = look.readout
    colours, face = theme.current(), font(theme.SMALL, QFont.Weight.Medium)
    width = QFontMetricsF(face).horizontalAdvance(text) + 16
    left = min(max(layout.scale.x(step) - width / 2, layout.area.left()), layout.width - width)
    box = QRectF(left, 2, width, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.accent))
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(face)
    painter.setPen(QColor(colours.on_accent))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
