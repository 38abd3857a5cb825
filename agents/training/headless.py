"""Run a trainer without a window: report stalls, and wait while the disk is full."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING

from agents.commands import Command, Resume
from agents.events import Event, RunFinished, StageFinished, StorageFault
from agents.runtime.stall import Stall, StallWatch

if TYPE_CHECKING:  # imports Torch, and the command line imports this at its start
    from agents.training.prepared_run import PreparedRun

RETRY = 10.0
"""Seconds after which a run that waits for room on the disk is resumed: nobody else is there to ask."""


def run_to_end(
    prepared: PreparedRun, warn: Callable[[Stall], None], tell: Callable[[Event], None] | None = None
) -> bool:
    """Train a run to its end; call `tell`, if there is one, with each event, and `warn` when a step hangs.

    Return whether it came there without a fault. One that waits for room on the disk is
    resumed every few seconds.
    """
    sound = True
    with StallWatch(prepared.trainer.heartbeat, warn):
        for event in prepared.events:
            if tell is not None:
                tell(event)
            if isinstance(event, StorageFault):
                _resume_later(prepared.trainer.commands)
            if isinstance(event, StageFinished | RunFinished) and event.reason == "fault":
                sound = False
    return sound


def _resume_later(commands: SimpleQueue[Command]) -> None:
    timer = threading.Timer(RETRY, commands.put, [Resume()])
    timer.daemon = True  # a run that is stopped meanwhile does not wait for it
    timer.start()
