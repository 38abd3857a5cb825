"""Load a run's frequent events into columns, without one object an event."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from agents.events import Event, MemoryChanged, Updated
from agents.runtime.gc_pause import gc_paused
from agents.store.event_log import LogReader, unread
from agents.story import Story
from agents.story.columns import Columns

NUMEROUS: tuple[type[Event], ...] = (Updated, MemoryChanged)
"""Kinds that come with every update; `fill` folds them in, and the episodes."""
_MISFITS = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def fill(story: Story, log: LogReader) -> None:
    """Add to a story what was left out of it when it was told without `NUMEROUS`."""
    episodes = log.episodes()
    if len(episodes["step"]):
        story.episodes.extend(**episodes)
    with gc_paused():
        _fill_updates(story, log)
        _fill_memories(story, log)


def _fill_updates(story: Story, log: LogReader) -> None:
    rows: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    is_told = False
    for step, seconds, data in log.bodies(Updated):
        try:
            terms = [(name, (step, seconds, float(value))) for name, value in data["terms"].items()]
            story.rate = float(data["rate"])
        except _MISFITS as error:
            is_told = is_told or _tell(story, Updated, step, seconds, error)
            continue
        for name, row in terms:
            rows[name].append(row)
    for name, told in rows.items():
        steps, times, values = (np.array(column) for column in zip(*told, strict=True))
        table: Columns = story.term(name)
        table.extend(step=steps, seconds=times, value=values)


def _fill_memories(story: Story, log: LogReader) -> None:
    is_told = False
    for step, seconds, data in log.bodies(MemoryChanged):
        try:
            story.memories.read(step, data)
        except _MISFITS as error:
            is_told = is_told or _tell(story, MemoryChanged, step, seconds, error)


def _tell(story: Story, kind: type[Event], step: int, seconds: float, error: Exception) -> bool:
    """Note that this version can't read such events; return True, so that it is said once."""
    reason = f"{kind.__name__} does not fit this version: {error}"
    story.fold(unread(step, seconds, kind.__name__, reason))
    return True
