"""Painting of the timeline: ruler, tracks, strip of memories and playhead.

`paint_static` paints what does not change while a run is running, `paint_dynamic` the rest over it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from agents.story.columns import Columns
from widgets.plots.event_marks import StoryMark
from widgets.style import theme
from widgets.style.panel_style import BREAK, elide, font
from widgets.style.text_metrics import scaled
from widgets.style.translation import tr
from widgets.timeline.clip_painting import INSET, paint_clip, paint_frame
from widgets.timeline.layout import GAP, MARGIN, RULER, TimelineLayout, gutter
from widgets.timeline.scale import short
from widgets.timeline.tracks import ClipBlock, Track

BAR, PITCH = 2, 4
"""Width and pitch of the bars of the strip of memories, in pixels."""
LABEL, HANDLE = 36, 7
"""Width of a label on the ruler at normal type size, and half the width of the playhead's handle, in pixels."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintState:
    """State that is painted besides the tracks: playhead, marks, selection and the current drag."""

    now: int | None = None
    """The newest step of the run in front; None without a run."""
    playhead: int | None = None
    """The step that is shown; None without a run."""
    marks: tuple[StoryMark, ...] = ()
    """Interventions by the user, resumptions and rollbacks."""
    remembered: Columns | None = None
    """Memories added: columns `step`, `task_id` and `count`."""
    colours: tuple[int, ...] = ()
    """The hue of each of the run's tasks, by task id."""
    selected: str = ""
    hovered: str = ""
    focused: bool = False
    gap: int | None = None
    """The gap between clips at which a drop would insert a clip."""
    dragged: str = ""
    """Id of the clip that is being moved."""
    readout: tuple[float, str] | None = field(default=None)
    """A step, and the text to show there."""


def static_state(layout: TimelineLayout, state: PaintState) -> tuple[object, ...]:
    """Return all that `paint_static` depends on, as a cache key for its picture."""
    tracks = [
        (
            track.name,
            track.strategy,
            track.fork_point,
            [None if _is_running(block) else block for block in track.blocks],
        )
        for track in layout.tracks
    ]
    return (
        tracks,
        layout.scale,
        layout.width,
        layout.height,
        state.dragged,
        theme.current(),
        font(theme.BODY),
        tr("memory"),
    )


def paint_static(painter: QPainter, layout: TimelineLayout, state: PaintState) -> None:
    """Paint what does not change while a run is running: the ruler, the names, and the clips that are not running."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.save()
    painter.setClipRect(layout.area.adjusted(-1, 0, MARGIN, 0))
    _paint_grid(painter, layout)
    painter.setClipRect(layout.area.adjusted(-1, RULER, MARGIN, 0))
    _paint_clips(painter, layout, state, running=False)
    _paint_forks(painter, layout)
    painter.restore()
    for row, track in enumerate(layout.tracks):
        _paint_name(painter, layout, row, track)
    _paint_text(painter, _beside(layout.strip()), tr("memory"))


def paint_dynamic(painter: QPainter, layout: TimelineLayout, state: PaintState) -> None:
    """Paint memories, running clips, selection, marks, playhead and drag."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.save()
    painter.setClipRect(layout.area.adjusted(-1, 0, MARGIN, 0))
    if state.remembered is not None:
        _paint_memories(painter, layout, state.remembered, state)
    else:
        text = tr("What the agent remembers is counted here once a run begins.")
        box = layout.strip().adjusted(2, 0, 0, 0)
        painter.fillRect(box, QColor(theme.current().card))
        _paint_text(painter, box.adjusted(INSET, 0, 0, 0), text)
    painter.setClipRect(layout.area.adjusted(-1, RULER, MARGIN, 0))
    _paint_clips(painter, layout, state, running=True)
    _paint_future(painter, layout, state)
    _paint_frames(painter, layout, state)
    _paint_gap(painter, layout, state)
    painter.restore()
    if not layout.main:
        _paint_placeholder(painter, layout)
    painter.setClipRect(layout.area.adjusted(-8, 0, MARGIN, 0))
    _paint_marks(painter, layout, state)
    _paint_playhead(painter, layout, state)
    _paint_readout(painter, layout, state)


def _is_running(block: ClipBlock) -> bool:
    return block.state == "running"


def _paint_clips(painter: QPainter, layout: TimelineLayout, state: PaintState, *, running: bool) -> None:
    for row, track in enumerate(layout.tracks):
        for block in track.blocks:
            if _is_running(block) == running:
                is_dragged = row == 0 and block.stage.id == state.dragged
                paint_clip(painter, layout, block, row, is_dimmed=is_dragged)


def _paint_forks(painter: QPainter, layout: TimelineLayout) -> None:
    """Connect the track of every fork with its parent's track, at the step of the fork."""
    painter.setPen(QPen(QColor(theme.current().text), 2))
    painter.setBrush(QColor(theme.current().card))
    for row, track in enumerate(layout.tracks):
        if track.fork_point is not None:
            x = round(layout.scale.x(track.fork_point[1])) + 0.5
            top = layout.lane(track.fork_point[0]).bottom()
            painter.drawLine(QPointF(x, top), QPointF(x, layout.lane(row).bottom()))
            painter.drawEllipse(QPointF(x, top), 3.5, 3.5)


def _beside(lane: QRectF) -> QRectF:
    return QRectF(0, lane.top(), gutter() - GAP, lane.height())


def _paint_grid(painter: QPainter, layout: TimelineLayout) -> None:
    palette = theme.current()
    painter.setFont(font(theme.SMALL))
    bottom = layout.strip().bottom()
    for step in layout.scale.ticks(layout.width - MARGIN):
        x = round(layout.scale.x(step)) + 0.5
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawLine(QPointF(x, 4), QPointF(x, bottom))
        if x + scaled(LABEL) < layout.width:
            painter.setPen(QColor(palette.quiet))
            painter.drawText(QRectF(x + 4, 0, scaled(LABEL), RULER - 4), LEFT, short(step))


def _paint_memories(painter: QPainter, layout: TimelineLayout, remembered: Columns, state: PaintState) -> None:
    """Paint a stacked histogram over steps of the memories added, in the colours of their tasks."""
    strip, scale = layout.strip(), layout.scale
    edges = scale.step(strip.left()) + np.arange(int(strip.width() // PITCH) + 1) * PITCH / scale.rate
    task_ids = sorted({int(task_id) for task_id in remembered["task_id"]})
    counts = []  # one array of shape (bins,) per task
    for task_id in task_ids:
        of_task = remembered["task_id"] == task_id
        steps, weights = remembered["step"][of_task], remembered["count"][of_task]
        counts.append(np.histogram(steps, bins=edges, weights=weights)[0])
    tallest = np.max(np.sum(counts, axis=0)) if counts else 0
    floor = np.zeros(len(edges) - 1)
    for task_id, count in zip(task_ids, counts, strict=True):
        colour = theme.task_colour(state.colours[task_id] if task_id < len(state.colours) else task_id)
        for index in np.flatnonzero(count):
            height = count[index] / tallest * (strip.height() - 4)
            base = strip.bottom() - floor[index]
            painter.fillRect(QRectF(strip.left() + index * PITCH, base - height, BAR, height), colour)
            floor[index] += height


def _paint_future(painter: QPainter, layout: TimelineLayout, state: PaintState) -> None:
    """Dim the steps after the playhead."""
    if state.playhead is None or state.now is None or state.playhead >= state.now:
        return
    shade = QColor(theme.current().card)
    shade.setAlpha(96)
    left, right = layout.scale.x(state.playhead), layout.scale.x(state.now)
    painter.fillRect(QRectF(left, RULER, right - left, layout.strip().bottom() - RULER), shade)


def _paint_frames(painter: QPainter, layout: TimelineLayout, state: PaintState) -> None:
    for id_, strong in ((state.hovered, False), (state.selected, True)):
        block = layout.block(id_) if id_ else None
        if block is not None and id_ != state.dragged:
            paint_frame(painter, layout.rect(block), strong=strong, focused=strong and state.focused)


def _paint_gap(painter: QPainter, layout: TimelineLayout, state: PaintState) -> None:
    """Show where a drop would insert a clip."""
    if state.gap is None:
        return
    lane, x = layout.lane(0), layout.gap_x(state.gap)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.current().accent))
    painter.drawRoundedRect(QRectF(x - 1.5, lane.top() - 4, 3, lane.height() + 8), 1.5, 1.5)


def _paint_name(painter: QPainter, layout: TimelineLayout, row: int, track: Track) -> None:
    shared = _shared(layout.tracks)
    if row or not track.strategy:
        _paint_text(painter, _beside(layout.lane(row)), track.name, strong=not row, shared=shared)
        return
    upper, lower = layout.lines()
    _paint_text(painter, _beside(upper), track.name, strong=True)
    _paint_text(painter, _beside(lower), track.strategy, shared=shared)


def _shared(tracks: tuple[Track, ...]) -> frozenset[str]:
    """Return the parts of names that all tracks have in common, which do not distinguish them."""
    parts = [frozenset((track.strategy or track.name).split(BREAK)) for track in tracks]
    return frozenset.intersection(*parts) if len(parts) > 1 else frozenset()


def _paint_text(
    painter: QPainter, box: QRectF, text: str, *, strong: bool = False, shared: frozenset[str] = frozenset()
) -> None:
    palette = theme.current()
    face = font(theme.BODY, QFont.Weight.Medium) if strong else font(theme.NORMAL)
    painter.setFont(face)
    painter.setPen(QColor(palette.text if strong else palette.quiet))
    painter.drawText(box, LEFT, shorten_name(text, face, int(box.width()), shared))


def shorten_name(text: str, face: QFont, width: int, shared: frozenset[str] = frozenset()) -> str:
    """Shorten a name to `width` pixels by leaving out the `shared` parts, then the first ones.

    The last part, which distinguishes the track best, is elide if even that is too long.
    """
    metrics, all_parts = QFontMetricsF(face), text.split(BREAK)
    parts = [part for part in all_parts if part not in shared] or all_parts
    shorter = (text, *(BREAK.join(parts[first:]) for first in range(len(parts))))
    return next((name for name in shorter if metrics.horizontalAdvance(name) <= width), elide(parts[-1], face, width))


def _paint_placeholder(painter: QPainter, layout: TimelineLayout) -> None:
    palette, lane = theme.current(), layout.lane(0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(palette.line), 1, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(lane.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    text = tr("Drag a task here, or double-click one in the list of tasks.")
    face = font(theme.BODY)
    painter.setFont(face)
    painter.setPen(QColor(palette.quiet))
    painter.drawText(lane, Qt.AlignmentFlag.AlignCenter, elide(text, face, int(lane.width()) - 24))


def _paint_marks(painter: QPainter, layout: TimelineLayout, state: PaintState) -> None:
    """Paint a diamond where the user intervened, and an arrow to the left where a stage was rolled back."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.current().quiet))
    y = RULER + GAP / 2 - 1
    for mark in state.marks:
        x = layout.scale.x(mark.step)
        diamond = (QPointF(x, y - 4), QPointF(x + 4, y), QPointF(x, y + 4), QPointF(x - 4, y))
        arrow = (QPointF(x, y - 5), QPointF(x, y + 5), QPointF(x - 8, y))
        painter.drawPolygon(QPolygonF(arrow if mark.is_rollback else diamond))


def _paint_playhead(painter: QPainter, layout: TimelineLayout, state: PaintState) -> None:
    """Paint a line at the playhead, and a dashed one at the newest step if that is another."""
    if state.playhead is None or state.now is None:
        return
    bottom, palette = layout.strip().bottom(), theme.current()
    if state.playhead != state.now:
        x = layout.scale.x(state.now)
        painter.setPen(QPen(QColor(palette.quiet), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, RULER - 4), QPointF(x, bottom))
    x = layout.scale.x(state.playhead)
    _clear_label(painter, layout, x)
    painter.setPen(QPen(QColor(palette.accent), 2))
    painter.drawLine(QPointF(x, RULER - 8), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.accent))
    top = RULER - 18
    painter.drawPolygon(QPolygonF([QPointF(x - HANDLE, top), QPointF(x + HANDLE, top), QPointF(x, top + 12)]))


def _clear_label(painter: QPainter, layout: TimelineLayout, x: float) -> None:
    """Erase the label of the ruler that the playhead's handle would overlap."""
    face = QFontMetricsF(font(theme.SMALL))
    for step in layout.scale.ticks(layout.width - MARGIN):
        box = QRectF(layout.scale.x(step) + 3, 0, face.horizontalAdvance(short(step)) + 3, RULER - 4)
        if box.left() - HANDLE < x < box.right() + HANDLE:
            painter.fillRect(box, QColor(theme.current().card))


def _paint_readout(painter: QPainter, layout: TimelineLayout, state: PaintState) -> None:
    if state.readout is None:
        return
    step, text = state.readout
    palette, face = theme.current(), font(theme.SMALL, QFont.Weight.Medium)
    width = QFontMetricsF(face).horizontalAdvance(text) + 16
    left = min(max(layout.scale.x(step) - width / 2, layout.area.left()), layout.width - width)
    box = QRectF(left, 2, width, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.accent))
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(face)
    painter.setPen(QColor(palette.on_accent))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
