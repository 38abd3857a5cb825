"""Texts of the timeline: tooltips, and the description for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from PySide6.QtCore import QPointF

from agents.config import dotted
from widgets.style.translation import tr
from widgets.timeline.layout import RULER, TimelineLayout
from widgets.timeline.painting import PaintState
from widgets.timeline.tracks import ClipBlock

STATES: Mapping[str, Callable[[], str]] = {
    "planned": lambda: tr("planned: can be moved, resized, swapped and removed"),
    "running": lambda: tr("in training: can be resized, swapped and cut"),
    "finished": lambda: tr("history: it can't be changed, but copied"),
}
"""Which edits a clip allows, by its state."""


def describe(layout: TimelineLayout, selected: str) -> str:
    """Describe the selected clip, or count the clips, for a screen reader."""
    count = len(layout.main)
    for index, block in enumerate(layout.main):
        if block.stage.id == selected:
            position = tr("clip {number} of {count}", number=index + 1, count=count)
            return f"{block.title}, {position}, {block.budget_text}, {STATES[block.state]()}"
    return tr("{count} clips, none selected", count=count) if count else tr("No clips yet")


def tooltip_text(layout: TimelineLayout, point: QPointF, state: PaintState) -> str:
    """Return the tooltip, as HTML, for the mark, clip, track or strip under a point."""
    if point.y() < RULER + 8:
        near = [mark.text for mark in state.marks if abs(layout.scale.x(mark.step) - point.x()) <= 5]
        if near:
            return "<br>".join(escape(text) for text in near[-4:])
        if state.now is not None and layout.area.contains(point):
            return tr("Drag to look at an earlier step; double-click to return to the newest")
        return ""
    if hit := layout.at(point):
        return _block_tooltip(hit[1])
    beside = [track for row, track in enumerate(layout.tracks) if _is_beside(layout, row, point)]
    if beside:
        return "<br>".join(escape(part) for part in (beside[0].name, beside[0].strategy, beside[0].storage) if part)
    if layout.strip().contains(point):
        return tr("Memories added over time, in the colours of their tasks")
    return ""


def _is_beside(layout: TimelineLayout, row: int, point: QPointF) -> bool:
    lane = layout.lane(row)
    return point.x() < lane.left() and lane.top() <= point.y() <= lane.bottom()


def _block_tooltip(block: ClipBlock) -> str:
    strategy = [(path.removeprefix("strategy."), value) for path, value in dotted("strategy", block.stage.strategy)]
    teaching = block.stage.teaching.model_dump(exclude_defaults=True).items() if block.stage.taught else ()
    options = [f"{key} {value}" for key, value in (*block.stage.options.items(), *strategy, *teaching)]
    lines = [tr(block.stage.configured_task.spec.summary), block.budget_text, ", ".join(options), STATES[block.state]()]
    return f"<b>{escape(block.title)}</b><br>" + "<br>".join(escape(line) for line in lines if line)
