"""Commands of a recorded run, with the places at which they are repeated when it is resumed.

A run that is lived again from a checkpoint does again, by itself, all that it did; only
what a person asked of it must be repeated, at the very same places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agents.commands import Command, Pause, Resume, SingleStep, Stop
from agents.events import CheckpointSaved, CommandApplied, CommandRefused, EnvWarned, Event, Progress, Resumed

PACE = (Pause, Resume, SingleStep, Stop)
"""Commands that decide when something happens, and nothing of what does."""
_UNCOUNTED = (CheckpointSaved, CommandRefused, Progress, EnvWarned, Resumed)


@dataclass(frozen=True, slots=True)
class RecordedCommand:
    """A command, and after how many safe points and told events it took effect."""

    tick: int
    place: int
    command: Command


def counts(event: Event) -> bool:
    """Tell whether an event belongs to every retelling of a run, so that places can be counted by it."""
    if isinstance(event, CommandApplied):
        return not isinstance(event.command, PACE)
    return not isinstance(event, _UNCOUNTED)


def recorded_commands(events: Iterable[Event], before: int | None = None) -> list[RecordedCommand]:
    """Return the commands among what followed a checkpoint, those from step `before` on left out."""
    found: list[RecordedCommand] = []
    place = 0
    for event in events:
        if before is not None and event.step >= before:
            break
        if isinstance(event, CommandApplied) and not isinstance(event.command, PACE):
            found.append(RecordedCommand(event.tick, place, event.command))
        place += counts(event)
    return found
