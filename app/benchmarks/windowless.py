"""A recorded run without a window, paused and continued by lines on stdin. Free of Qt.

Prints `STEP SECONDS` after each update, `waits` whenever it holds still, and, asked to weigh, `holds BYTES`: what it
holds after everything spare was given back.
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
from agents.runtime.heap_trim import give_back
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer

ORDERS: Mapping[str, Callable[[], Command]] = {"go": Resume, "wait": Pause}


def main(curriculum: Path, runs: Path) -> None:
    """Learn a curriculum, beginning when told to."""
    config = load(curriculum)
    run = RunStore(runs).create(config)
    trainer = Trainer(config, keep=run.keep, save=run.save)
    trainer.commands.put(Pause())
    threading.Thread(target=_listen, args=(trainer,), daemon=True).start()
    for event in run.record(trainer.run()):
        if line := _told(event):
            print(line, flush=True)


def _listen(trainer: Trainer) -> None:
    for line in sys.stdin:
        if line.strip() == "weigh":
            give_back()
            print(f"holds {psutil.Process().memory_info().rss}", flush=True)
        else:
            trainer.commands.put(ORDERS[line.strip()]())


def _told(event: Event) -> str:
    match event:
        case Updated(step=step, seconds=seconds):
            return f"{step} {seconds}"
        case CommandApplied(command=Pause()):
            return "waits"
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
