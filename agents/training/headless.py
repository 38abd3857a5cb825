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
"""Seconds after which a run that waits for disk space is resumed automatically."""


def run_to_end(
    prepared: PreparedRun, warn: Callable[[Stall], None], report: Callable[[Event], None] | None = None
) -> bool:
    """Train a run to its end; call `report` with each event, and `warn` when a step hangs.

    Return whether it ended without a fault. A run that waits for disk space is resumed every
    `RETRY` seconds.
    """
    succeeded = True
    with StallWatch(prepared.trainer.heartbeat, warn):
        for event in prepared.events:
            if report is not None:
                report(event)
            if isinstance(event, StorageFault):
                _resume_later(prepared.trainer.commands)
            if isinstance(event, StageFinished | RunFinished) and event.reason == "fault":
                succeeded = False
    return succeeded


def _resume_later(commands: SimpleQueue[Command]) -> None:
    timer = threading.Timer(RETRY, commands.put, [Resume()])
    timer.daemon = True  # so that it does not keep the process alive
    timer.start()
