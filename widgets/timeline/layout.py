"""Geometry of the timeline in pixels: where tracks and clips are, and which clip is under a point."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from widgets.style import theme
from widgets.style.text_metrics import line_height, scaled
from widgets.timeline.scale import TimeScale
from widgets.timeline.tracks import ClipBlock, Track

GUTTER = 124
"""Width of the column of track names left of the tracks, at normal type size."""
MARGIN = 12
RULER = 24
CLIP, THIN = 52, 28
"""Minimum height of a track: the plan's, which has two lines of text, and another run's, which has one."""
GAP = 8
STRIP, TALLEST_STRIP = 36, 96
"""Minimum and maximum height of the strip of memories."""
EDGE = 6
"""Width in pixels of a clip's right edge, by which its budget is dragged."""


def gutter() -> int:
    """Return the width of the column of track names, at the user's type size."""
    return scaled(GUTTER)


def clip_height() -> int:
    """Return the height of the plan's track."""
    return max(CLIP, line_height(theme.BODY) + line_height(theme.NORMAL) + GAP)


def thin_height() -> int:
    """Return the height of another run's track."""
    return max(THIN, line_height(theme.NORMAL) + GAP // 2)


def content_height(count: int) -> int:
    """Return the height that `count` tracks and the strip of memories need."""
    return RULER + GAP + clip_height() + (count - 1) * (thin_height() + GAP) + GAP + STRIP + GAP


@dataclass(frozen=True, slots=True)
class TimelineLayout:
    """The geometry for one set of tracks, scale and size of the canvas."""

    tracks: tuple[Track, ...]
    scale: TimeScale
    width: float
    height: float

    @property
    def main(self) -> tuple[ClipBlock, ...]:
        """Blocks of the plan's track."""
        return self.tracks[0].blocks

    @property
    def area(self) -> QRectF:
        """The rectangle right of the track names."""
        return QRectF(gutter(), 0, self.width - gutter() - MARGIN, self.height)

    def lane(self, row: int) -> QRectF:
        """Return the rectangle of track `row`; row 0 is the plan's."""
        clip, thin = clip_height(), thin_height()
        top = RULER + GAP + (clip + GAP + (row - 1) * (thin + GAP) if row else 0)
        return QRectF(gutter(), top, self.area.width(), thin if row else clip)

    def strip(self) -> QRectF:
        """Return the rectangle of the strip of memories, which takes the remaining height."""
        top = self.lane(len(self.tracks) - 1).bottom() + GAP
        height = min(max(self.height - top - GAP, STRIP), TALLEST_STRIP)
        return QRectF(gutter(), top, self.area.width(), height)

    def rect(self, block: ClipBlock, row: int = 0) -> QRectF:
        """Return a block's rectangle on track `row`; neighbours are two pixels apart."""
        left, right = self.scale.x(block.start + block.shared), self.scale.x(block.end)
        lane = self.lane(row)
        return QRectF(left + 1, lane.top(), max(right - left - 2, 2), lane.height())

    def block(self, id_: str) -> ClipBlock | None:
        """Return the plan's block of a stage, by the stage's id."""
        return next((block for block in self.main if block.stage.id == id_), None)

    def lines(self) -> tuple[QRectF, QRectF]:
        """Return the rectangles of the two lines of text of the plan's track."""
        lane, upper, lower = self.lane(0), line_height(theme.BODY), line_height(theme.NORMAL)
        top = lane.top() + (lane.height() - upper - lower) // 2
        first = QRectF(lane.left(), top, lane.width(), upper)
        return first, QRectF(lane.left(), first.bottom(), lane.width(), lower)

    def at(self, point: QPointF) -> tuple[int, ClipBlock] | None:
        """Return the track's row and the block under a point."""
        for row, track in enumerate(self.tracks):
            if self.area.contains(point) and self.lane(row).contains(point):
                for block in track.blocks:
                    if self.scale.x(block.start + block.shared) <= point.x() < self.scale.x(block.end):
                        return row, block
        return None

    def edge(self, point: QPointF) -> ClipBlock | None:
        """Return the block of the plan whose right edge is under a point."""
        lane = self.lane(0)
        if not lane.top() <= point.y() <= lane.bottom():
            return None
        near = [block for block in self.main if abs(self.scale.x(block.end) - point.x() - EDGE / 2) <= EDGE / 2 + 1]
        return near[-1] if near else None

    def gap(self, x: float, first: int = 0) -> int:
        """Return the gap between the plan's blocks at pixel `x`, at least `first`: 0 is before the first block."""
        gap = sum(self.scale.x(block.start + block.length / 2) <= x for block in self.main)
        return max(gap, min(first, len(self.main)))

    def gap_x(self, gap: int) -> float:
        """Return the x coordinate of a gap."""
        return self.scale.x(self.main[gap].start if gap < len(self.main) else self.tracks[0].end)
