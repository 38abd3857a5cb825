"""Commands of a recorded run, with the positions at which they are repeated when it is resumed.

A run that is trained again from a checkpoint reproduces every event by itself, except for
the user's commands, which must be repeated at exactly the same positions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agents.commands import Command, Pause, Resume, SingleStep, Stop
from agents.events import CheckpointSaved, CommandApplied, CommandRefused, EnvWarned, Event, Progress, Resumed

PACE = (Pause, Resume, SingleStep, Stop)
"""Commands that only affect the timing of a run, not its results."""
_UNCOUNTED = (CheckpointSaved, CommandRefused, Progress, EnvWarned, Resumed)


@dataclass(frozen=True, slots=True)
class RecordedCommand:
    """A command, and the numbers of safe points and reproducible events after which it took effect."""

    tick: int
    event_count: int
    command: Command


def counts(event: Event) -> bool:
    """Return whether an event is reproduced by every repetition of the run, so that positions can be counted by it."""
    if isinstance(event, CommandApplied):
        return not isinstance(event.command, PACE)
    return not isinstance(event, _UNCOUNTED)


def recorded_commands(events: Iterable[Event], before: int | None = None) -> list[RecordedCommand]:
    """Return the commands among the events after a checkpoint, up to step `before`."""
    commands: list[RecordedCommand] = []
    count = 0
    for event in events:
        if before is not None and event.step >= before:
            break
        if isinstance(event, CommandApplied) and not isinstance(event.command, PACE):
            commands.append(RecordedCommand(event.tick, count, event.command))
        count += counts(event)
    return commands
