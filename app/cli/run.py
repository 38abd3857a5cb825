"""`run`, `resume` and `fork`: execute and record a run without a window."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.commands import Stop
from agents.config import RunConfig, config_file
from agents.config.agent import AnyModelConfig
from agents.errors import BadInput
from agents.runtime.stall import MakingHeartbeat, StallWatch
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.training import headless
from app.cli.interrupt import interruptible
from app.cli.progress import ProgressPrinter
from app.runs.model_loading import load_events, until_loaded

if TYPE_CHECKING:  # imports Torch
    from agents.training.prepared_run import PreparedRun


def load_config(curriculum: str, changes: Mapping[str, Any]) -> RunConfig:
    """Read a curriculum, and change settings named by dotted paths. Raises `BadInput` with one line."""
    path = config_file.find_curriculum(curriculum)
    config = config_file.load(path)
    try:
        config = config_file.changed(config, changes)
    except BadInput as error:
        raise BadInput(f"{path.name}, with these options: {error}") from error
    if not config.stages:
        raise BadInput(f"{path.name}: stages: must not be empty; add a [[stages]] table with a task")
    return config


def parse_settings(assignments: Sequence[str]) -> dict[str, Any]:
    """Parse `key.path=value` pairs; a value is a TOML literal, or else a string. Raises `BadInput`."""
    pairs = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not key.strip():
            raise BadInput(f"--set {assignment!r}: write it like strategy.batch_size=64")
        pairs[key.strip()] = parse_literal(value.strip())
    return pairs


def parse_literal(text: str) -> Any:
    """Parse a TOML value; return `text` itself if it is none."""
    if len(text) > 1_000 or "\n" in text:  # a line break could add keys, and deep nesting is slow to parse
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def start_run(
    config: RunConfig, store: RunStore, name: str | None, printer: ProgressPrinter, agent: Path | None = None
) -> tuple[Run, int]:
    """Start a run, execute and record it; return it with the exit code. Raises `BadInput` if it can't start.

    `agent` is a file with the agent to start with; None starts with an untrained one.
    """
    # torch takes two seconds to import, and only commands that train need it
    from agents.sharing import agent_file
    from agents.training.prepared_run import start

    with _preparing(config.model, printer):
        prepared = start(store, config, None if agent is None else agent_file.load(agent), name)
    return prepared.run, _run_to_end(prepared, printer)


def resume_run(run: Run, printer: ProgressPrinter) -> int:
    """Continue a run from its last full checkpoint; return the exit code. Raises `BadInput` if that is not possible."""
    from agents.training import prepared_run  # imports torch, as above

    with _preparing(run.folder, printer):
        prepared = prepared_run.resume(run)
    printer.restore(run.story())
    return _run_to_end(prepared, printer)


def fork_run(
    store: RunStore, parent: Run, branch: Mapping[str, Any], name: str | None, printer: ProgressPrinter
) -> tuple[Run, int]:
    """Fork `parent`, execute and record the new run; return it with the exit code. Raises `BadInput` if it can't start.

    `branch` holds the fields of a `RunBranch`, other than the parent's id.
    """
    from agents.training import prepared_run  # imports torch, as above
    from agents.training.branch import RunBranch

    with _preparing(parent.folder, printer):
        prepared = prepared_run.fork(store, parent, RunBranch(parent.id, **branch), name)
    printer.restore(prepared.run.story())
    return prepared.run, _run_to_end(prepared, printer)


@contextmanager
def _preparing(model: AnyModelConfig | Path, printer: ProgressPrinter) -> Iterator[None]:
    """Load a run's model before the `with` block prepares the run, and warn if a world hangs in the block.

    `model` is the model's config, or the folder of a stored run.
    """
    with closing(load_events(model)) as reports:
        printer.print_loading(until_loaded(reports))
        with StallWatch(MakingHeartbeat(), printer.warn):
            yield


def _run_to_end(prepared: PreparedRun, printer: ProgressPrinter) -> int:
    """Execute a run to its end, print its events and return the exit code.

    The first Ctrl+C stops it after a checkpoint; a second one, or one while the run hangs, ends it at once.
    """

    def stop() -> None:
        if prepared.trainer.heartbeat.stall() is not None:
            raise KeyboardInterrupt
        prepared.trainer.commands.put(Stop())

    with printer, interruptible(stop) as interrupted:
        is_sound = headless.run_to_end(prepared, printer.warn, printer.print_event)
    return 130 if interrupted.is_set() else int(not is_sound)
