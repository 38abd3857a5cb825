"""`run`: execute and record a curriculum without a window."""

from __future__ import annotations

import signal
import threading
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from agents.commands import Stop
from agents.config import RunConfig, config_file
from agents.config.agent import AnyModelConfig
from agents.errors import BadInput
from agents.runtime.stall import MakingHeartbeat, StallWatch
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.training import headless
from app.cli.progress import ProgressPrinter
from app.runs.model_loading import load_events, until_here

if TYPE_CHECKING:  # imports Torch
    from agents.training.prepared_run import PreparedRun


def configured(curriculum: str, changes: Mapping[str, Any]) -> RunConfig:
    """Read a curriculum and change it by dotted paths. Raises `BadInput` with one line."""
    path = config_file.find_curriculum(curriculum)
    config = config_file.load(path)
    try:
        config = config_file.changed(config, changes)
    except BadInput as error:
        raise BadInput(f"{path.name}, with these options: {error}") from error
    if not config.stages:
        raise BadInput(f"{path.name}: stages: there are none; add a [[stages]] table with a task")
    return config


def settings(assignments: Sequence[str]) -> dict[str, Any]:
    """Read `key.path=value` pairs; a value is a TOML literal, or else a string."""
    pairs = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not key.strip():
            raise BadInput(f"--set {assignment!r}: write it like strategy.batch_size=64")
        pairs[key.strip()] = literal(value.strip())
    return pairs


def literal(text: str) -> Any:
    """Return what `text` means in TOML; a bare word means itself."""
    if len(text) > 1_000 or "\n" in text:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def start_run(
    config: RunConfig, store: RunStore, name: str | None, teller: ProgressPrinter, agent: Path | None = None
) -> tuple[Run, int]:
    """Live a run, recorded and told; return it with the command's exit code. Raises `BadInput` if it can't begin.

    It begins with the agent of a file, or with an untrained one.
    """
    # torch takes two seconds to import, and only commands that train need it
    from agents.sharing import agent_file
    from agents.training.prepared_run import start

    with _preparing(config.model, teller):
        prepared = start(store, config, None if agent is None else agent_file.load(agent), name)
    return prepared.run, _told(prepared, teller)


def resume_run(run: Run, teller: ProgressPrinter) -> int:
    """Live on where a run was left; return the command's exit code. Raises `BadInput` if that can't be done."""
    from agents.training import prepared_run  # imports torch, as above

    with _preparing(run.folder, teller):
        prepared = prepared_run.resume(run)
    teller.recall(run.story())
    return _told(prepared, teller)


def fork_run(
    store: RunStore, parent: Run, branch: Mapping[str, Any], name: str | None, teller: ProgressPrinter
) -> tuple[Run, int]:
    """Live a run that leaves `parent`; return it with the command's exit code. Raises `BadInput` if it can't begin."""
    from agents.training import prepared_run  # imports torch, as above
    from agents.training.branch import RunBranch

    with _preparing(parent.folder, teller):
        prepared = prepared_run.fork(store, parent, RunBranch(parent.id, **branch), name)
    teller.recall(prepared.run.story())
    return prepared.run, _told(prepared, teller)


@contextmanager
def _preparing(model: AnyModelConfig | Path, teller: ProgressPrinter) -> Iterator[None]:
    """Load the model of a run that is prepared within; warn if a world hangs meanwhile. A `Path` is a run's folder."""
    with closing(load_events(model)) as told:
        teller.expect(until_here(told))
        with StallWatch(MakingHeartbeat(), teller.warn):
            yield


def _told(prepared: PreparedRun, teller: ProgressPrinter) -> int:
    """Tell what happens, to its end.

    Ctrl+C stops it in good order; a second one, or one in a run that hangs, at once.
    """
    with teller, _interruptible(prepared) as interrupted:
        is_sound = headless.run_to_end(prepared, teller.warn, teller.tell)
    return 130 if interrupted.is_set() else int(not is_sound)


@contextmanager
def _interruptible(prepared: PreparedRun) -> Iterator[threading.Event]:
    """Turn the first Ctrl+C into a `Stop`, unless the run hangs; the event tells whether there was one."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if prepared.trainer.heartbeat.stall() is not None:
            raise KeyboardInterrupt
        interrupted.set()
        prepared.trainer.commands.put(Stop())
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
