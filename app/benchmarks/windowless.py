"""A recorded run without a window, paused and continued by lines on stdin. Free of Qt.

Prints `STEP SECONDS` after each update, `paused` after each pause, and on request `memory BYTES`: resident memory after
unused memory was returned to the system.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from agents.commands import Command, Pause, Resume
from agents.config.config_file import load
from agents.events import CommandApplied, Event, Updated
from agents.runtime.heap_trim import trim_heap
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer

COMMANDS: Mapping[str, Callable[[], Command]] = {"resume": Resume, "pause": Pause}


def main(curriculum: Path, runs: Path) -> None:
    """Execute a curriculum; the run is paused before its first step."""
    config = load(curriculum)
    run = RunStore(runs).create(config)
    trainer = Trainer(config, keep=run.keep, save=run.save)
    trainer.commands.put(Pause())
    threading.Thread(target=_read_commands, args=(trainer,), daemon=True).start()
    for event in run.record(trainer.run()):
        if line := _line(event):
            print(line, flush=True)


def _read_commands(trainer: Trainer) -> None:
    for line in sys.stdin:
        if line.strip() == "memory":
            trim_heap()
            print(f"memory {psutil.Process().memory_info().rss}", flush=True)
        else:
            trainer.commands.put(COMMANDS[line.strip()]())


def _line(event: Event) -> str:
    match event:
        case Updated(step=step, seconds=seconds):
            return f"{step} {seconds}"
        case CommandApplied(command=Pause()):
            return "paused"
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
