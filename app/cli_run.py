"""`run`: a curriculum, lived without a window and recorded."""

from __future__ import annotations

import signal
import threading
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

from agents import config_file
from agents.commands import Command, Stop
from agents.config import RunConfig
from agents.config_file import BadInput
from agents.events import Event, RunFinished, StageFinished
from agents.runs import Run, RunStore
from app.cli_tell import Teller


class Commands(Protocol):
    """Where a run hears what is asked of it."""

    def put(self, command: Command) -> None:
        """Ask, from any thread."""


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
            raise BadInput(f"--set {assignment!r}: write it like strategy.rows=64")
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


def live(config: RunConfig, store: RunStore, name: str | None, teller: Teller) -> tuple[Run, int]:
    """Live a run, recorded and told; return it with the command's exit code. Raises `BadInput` if it can't begin."""
    # torch takes two seconds to import, and only commands that train need it
    from agents.trainer import Trainer

    try:
        trainer = Trainer(config)
    except ValueError as error:
        raise BadInput(str(error)) from error
    # made only now: what can't begin leaves no folder behind
    run = store.create(config, name)
    trainer.store_in(run)
    return run, told(run.record(trainer.run()), trainer.commands, teller)


def resume(run: Run, teller: Teller) -> int:
    """Live on where a run was left; return the command's exit code. Raises `BadInput` if that can't be done."""
    from agents import continuation  # imports torch, as above

    going_on = continuation.resume(run)
    teller.recall(run.story())
    return told(going_on.events, going_on.trainer.commands, teller)


def fork(store: RunStore, parent: Run, branch: Mapping[str, Any], name: str | None, teller: Teller) -> tuple[Run, int]:
    """Live a run that leaves `parent`; return it with the command's exit code. Raises `BadInput` if it can't begin."""
    from agents import continuation  # imports torch, as above

    going_on = continuation.fork(store, parent, continuation.Branch(parent.id, **branch), name)
    teller.recall(going_on.run.story())
    return going_on.run, told(going_on.events, going_on.trainer.commands, teller)


def told(events: Iterable[Event], commands: Commands, teller: Teller) -> int:
    """Tell what happens, to its end. Ctrl+C stops it in good order, a second one at once."""
    code = 0
    with teller, _interruptible(commands) as interrupted:
        for event in events:
            teller.tell(event)
            if isinstance(event, StageFinished | RunFinished) and event.reason == "fault":
                code = 1
    return 130 if interrupted.is_set() else code


@contextmanager
def _interruptible(commands: Commands) -> Iterator[threading.Event]:
    """Turn the first Ctrl+C into a `Stop`; the event tells whether there was one."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def stop(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        commands.put(Stop())
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
