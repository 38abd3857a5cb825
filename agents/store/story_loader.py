"""Load a run's frequent events into columns, without an object for each event."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from agents.events import Event, MemoryChanged, Updated
from agents.runtime.gc_pause import gc_paused
from agents.store.event_log import LogReader, unread
from agents.story import Story
from agents.story.columns import Columns

NUMEROUS: tuple[type[Event], ...] = (Updated, MemoryChanged)
"""Kinds that come with every update; `add_numerous_events` adds them to a story, and the episodes."""
_INVALID = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def add_numerous_events(story: Story, log: LogReader) -> None:
    """Add the episodes and the events of kinds `NUMEROUS` to a story that was loaded without them."""
    episodes = log.episodes()
    if len(episodes["step"]):
        story.episodes.extend(**episodes)
    with gc_paused():
        _fill_updates(story, log)
        _fill_memories(story, log)


def _fill_updates(story: Story, log: LogReader) -> None:
    rows: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    is_reported = False
    for step, seconds, data in log.event_data(Updated):
        try:
            terms = [(name, (step, seconds, float(value))) for name, value in data["terms"].items()]
            story.rate = float(data["rate"])
        except _INVALID as error:
            is_reported = is_reported or _report(story, Updated, step, seconds, error)
            continue
        for name, row in terms:
            rows[name].append(row)
    for name, term_rows in rows.items():
        steps, times, values = (np.array(column) for column in zip(*term_rows, strict=True))
        table: Columns = story.term(name)
        table.extend(step=steps, seconds=times, value=values)


def _fill_memories(story: Story, log: LogReader) -> None:
    is_reported = False
    for step, seconds, data in log.event_data(MemoryChanged):
        try:
            story.memories.read(step, data)
        except _INVALID as error:
            is_reported = is_reported or _report(story, MemoryChanged, step, seconds, error)


def _report(story: Story, kind: type[Event], step: int, seconds: float, error: Exception) -> bool:
    """Add a fault that this version can't read such events; return True, so that it is reported once."""
    reason = f"{kind.__name__} does not fit this version: {error}"
    story.fold(unread(step, seconds, kind.__name__, reason))
    return True
