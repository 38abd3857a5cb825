"""The process of one trial: start or resume its run, train to the end, and report progress to the parent."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

from agents.commands import Stop
from agents.errors import BadInput, one_line
from agents.events import Event
from agents.runtime.stall import Stall
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.studies.trials import Trial
from agents.training import headless
from agents.training.prepared_run import PreparedRun, resume, start

PERIOD = 0.5
"""Seconds between two reports of progress."""
Report = tuple[str, object]
"""`("run", id)`, `("step", step)`, `("warning", text)`, `("stopped", None)`, `("done", None)` or `("failed", text)`."""


def stored_run(store: RunStore, trial: Trial) -> Run | None:
    """Return the newest stored run with the trial's tags and settings; None if there is none."""
    tags, config = set(trial.tags), trial.config.without_stage_ids()
    matches = (run for run in reversed(list(store)) if tags <= set(run.meta.get("tags", ())))
    return next((run for run in matches if run.config.without_stage_ids() == config), None)


def prepare(store: RunStore, trial: Trial, run: Run | None) -> PreparedRun:
    """Return the trial's run, ready to train: the unfinished `run` resumed, or a new one."""
    if run is not None:
        return resume(run)
    prepared = start(store, trial.config, name=trial.title)
    prepared.run.describe(trial.title, trial.tags, "")
    return prepared


def execute(trial: Trial, root: Path, parent: Connection) -> None:
    """Execute a trial in this process; the parent stops it by sending anything, or by closing its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group: the parent decides what it means
    try:
        store = RunStore(root)
        run = stored_run(store, trial)
        if run is not None and run.state == "done":
            parent.send(("run", run.id))
            parent.send(("done", None))
        else:
            stopped = _train(prepare(store, trial, run), parent)
            parent.send(("stopped", None) if stopped else ("done", None))
    except BrokenPipeError:  # the parent is gone; the run goes on from its checkpoint another time
        return
    except Exception as error:  # noqa: BLE001  a process ends here, and its reason must reach the parent
        text = str(error) if isinstance(error, BadInput) else f"{type(error).__name__}: {error}"
        parent.send(("failed", one_line(text)))


def _train(prepared: PreparedRun, parent: Connection) -> bool:
    """Train to the end; return whether the parent stopped it. Raises RuntimeError if a stage failed."""
    stopping = threading.Event()

    def wait_for_stop() -> None:
        with suppress(EOFError, OSError):  # a closed pipe means the same
            parent.recv()
        stopping.set()
        prepared.trainer.commands.put(Stop())

    threading.Thread(target=wait_for_stop, daemon=True).start()
    parent.send(("run", prepared.run.id))
    reported, step = monotonic(), -1

    def report(event: Event) -> None:
        nonlocal reported, step
        if event.step > step and monotonic() - reported >= PERIOD and not stopping.is_set():
            reported, step = monotonic(), event.step
            parent.send(("step", step))

    def warn(stall: Stall) -> None:
        parent.send(("warning", f"{stall.task}: no step for {stall.seconds:.0f} s ({stall.phase})"))

    if not headless.run_to_end(prepared, warn, report) and not stopping.is_set():
        raise RuntimeError(f"a stage of run {prepared.run.id} failed; its log says why")
    return stopping.is_set()
