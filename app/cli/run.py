"""`run`: execute and record a curriculum without a window."""

from __future__ import annotations

import signal
import threading
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from agents.commands import Stop
from agents.config import RunConfig
from agents.config import file as config_file
from agents.errors import BadInput
from agents.events import Event
from agents.runtime.stall import Making, StallWatch
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.training import headless
from agents.training.headless import Lived
from app.cli.progress import Teller
from app.runs.model_loading import arrivals, until_here


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


def live(
    config: RunConfig, store: RunStore, name: str | None, teller: Teller, agent: Path | None = None
) -> tuple[Run, int]:
    """Live a run, recorded and told; return it with the command's exit code. Raises `BadInput` if it can't begin.

    It begins with the agent of a file, or with an untrained one.
    """
    # torch takes two seconds to import, and only commands that train need it
    from agents.sharing import agent_file
    from agents.training import start as beginning

    with closing(arrivals(config.model)) as model:
        teller.expect(until_here(model))
        with StallWatch(Making(), teller.warn):
            begun = beginning.begin(store, config, None if agent is None else agent_file.load(agent), name)
    return begun.run, _told(begun.events, begun.trainer, teller)


def resume(run: Run, teller: Teller) -> int:
    """Live on where a run was left; return the command's exit code. Raises `BadInput` if that can't be done."""
    from agents.training import resume as continuation  # imports torch, as above

    with closing(arrivals(run.folder)) as model:
        teller.expect(until_here(model))
        with StallWatch(Making(), teller.warn):
            going_on = continuation.resume(run)
    teller.recall(run.story())
    return _told(going_on.events, going_on.trainer, teller)


def fork(store: RunStore, parent: Run, branch: Mapping[str, Any], name: str | None, teller: Teller) -> tuple[Run, int]:
    """Live a run that leaves `parent`; return it with the command's exit code. Raises `BadInput` if it can't begin."""
    from agents.training import resume as continuation  # imports torch, as above

    with closing(arrivals(parent.folder)) as model:
        teller.expect(until_here(model))
        with StallWatch(Making(), teller.warn):
            going_on = continuation.fork(store, parent, continuation.Branch(parent.id, **branch), name)
    teller.recall(going_on.run.story())
    return going_on.run, _told(going_on.events, going_on.trainer, teller)


def _told(events: Iterable[Event], lived: Lived, teller: Teller) -> int:
    """Tell what happens, to its end.

    Ctrl+C stops it in good order; a second one, or one in a run that hangs, at once.
    """
    with teller, _interruptible(lived) as interrupted:
        is_sound = headless.live(events, lived, teller.warn, teller.tell)
    return 130 if interrupted.is_set() else int(not is_sound)


@contextmanager
def _interruptible(lived: Lived) -> Iterator[threading.Event]:
    """Turn the first Ctrl+C into a `Stop`, unless the run hangs; the event tells whether there was one."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if lived.heart.stall() is not None:
            raise KeyboardInterrupt
        interrupted.set()
        lived.commands.put(Stop())
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
