"""What the timeline says in words: tooltips, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from PySide6.QtCore import QPointF

from agents.config import dotted
from widgets.style.translation import tr
from widgets.timeline.layout import RULER, TimelineLayout
from widgets.timeline.painting import Look
from widgets.timeline.tracks import ClipBlock

STATES: Mapping[str, Callable[[], str]] = {
    "planned": lambda: tr("planned: can be moved, resized, swapped and removed"),
    "running": lambda: tr("in training: can be resized, swapped and cut"),
    "finished": lambda: tr("history: it can't be changed, but copied"),
}
"""What can be done with a clip, by its state."""


def described(layout: TimelineLayout, selected: str) -> str:
    """Return what is on the timeline and which clip is selected."""
    count = len(layout.main)
    for place, block in enumerate(layout.main):
        if block.stage.id == selected:
            where = tr("clip {place} of {count}", place=place + 1, count=count)
            return f"{block.title}, {where}, {block.account}, {STATES[block.state]()}"
    return tr("{count} clips, none selected", count=count) if count else tr("No clips yet")


def tip(layout: TimelineLayout, point: QPointF, look: Look) -> str:
    """Return what a tooltip says about what lies under a point."""
    if point.y() < RULER + 8:
        near = [mark.text for mark in look.marks if abs(layout.scale.x(mark.step) - point.x()) <= 5]
        if near:
            return "<br>".join(escape(words) for words in near[-4:])
        if look.now is not None and layout.area.contains(point):
            return tr("Drag to look at an earlier moment; double-click to return to now")
        return ""
    if found := layout.at(point):
        return _block_tip(found[1])
    beside = [track for place, track in enumerate(layout.tracks) if _is_beside(layout, place, point)]
    if beside:
        return "<br>".join(escape(part) for part in (beside[0].name, beside[0].strategy, beside[0].about) if part)
    if layout.strip().contains(point):
        return tr("Memories added over time, in the colours of their tasks")
    return ""


def _is_beside(layout: TimelineLayout, place: int, point: QPointF) -> bool:
    lane = layout.lane(place)
    return point.x() < lane.left() and lane.top() <= point.y() <= lane.bottom()


def _block_tip(block: ClipBlock) -> str:
    strategy = [(path.removeprefix("strategy."), value) for path, value in dotted("strategy", block.stage.strategy)]
    teaching = block.stage.teaching.model_dump(exclude_defaults=True).items() if block.stage.taught else ()
    options = [f"{key} {value}" for key, value in (*block.stage.options.items(), *strategy, *teaching)]
    lines = [tr(block.stage.configured_task.spec.summary), block.account, ", ".join(options), STATES[block.state]()]
    return f"<b>{escape(block.title)}</b><br>" + "<br>".join(escape(line) for line in lines if line)
