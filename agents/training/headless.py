"""Run a trainer without a window: report stalls, and wait while the disk is full."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from agents.commands import Command, Resume
from agents.events import Event, RunFinished, StageFinished, StorageFault
from agents.runtime.stall import Heartbeat, Stall, StallWatch

RETRY = 10.0
"""Seconds after which a run that waits for room on the disk is resumed: nobody else is there to ask."""


class Commands(Protocol):
    """Where a run hears what is asked of it."""

    def put(self, command: Command) -> None:
        """Ask, from any thread."""


class Lived(Protocol):
    """A run that goes on: the trainer, without its imports."""

    @property
    def commands(self) -> Commands:
        """Where it hears what is asked."""

    @property
    def heart(self) -> Heartbeat:
        """Whether it takes steps."""


def live(
    events: Iterable[Event],
    lived: Lived,
    warn: Callable[[Stall], None],
    tell: Callable[[Event], None] | None = None,
) -> bool:
    """Live a run to its end, telling each event to `tell`, if there is one, and a step that hangs to `warn`.

    Return whether it came there without a fault. One that waits for room on the disk is
    resumed every few seconds.
    """
    sound = True
    with StallWatch(lived.heart, warn):
        for event in events:
            if tell is not None:
                tell(event)
            if isinstance(event, StorageFault):
                _resume_later(lived.commands)
            if isinstance(event, StageFinished | RunFinished) and event.reason == "fault":
                sound = False
    return sound


def _resume_later(commands: Commands) -> None:
    timer = threading.Timer(RETRY, commands.put, [Resume()])
    timer.daemon = True  # a run that is stopped meanwhile does not wait for it
    timer.start()
