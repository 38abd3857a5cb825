"""Start, resume or fork a run for the window; called in the thread that will train it.

Torch takes two seconds to import and the window must be painted before, so it is imported in that thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.config import RunConfig
from agents.store.run import Run
from agents.store.run_store import RunStore
from envs.curriculum import Stage

if TYPE_CHECKING:  # they import Torch
    from agents.sharing.agent_file import SharedAgent
    from agents.training.prepared_run import PreparedRun

Prepare = Callable[[RunConfig, Path], "PreparedRun"]
"""Creates a new run with this config in this folder of runs."""


@dataclass(frozen=True, slots=True)
class ForkOptions:
    """The step of a fork, and what differs from its parent."""

    step: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Changed settings by dotted path."""
    stages: tuple[Stage, ...] | None = None
    """The rest of the curriculum; None for the parent's."""
    name: str | None = None
    """Name of the new run; None for a name derived from the parent's."""


def started(
    config: RunConfig, runs: Path, agent: SharedAgent | None = None, without: Collection[str] = ()
) -> PreparedRun:
    """Create a run of `config` in the folder `runs`, which starts with `agent`; None: an untrained one.

    Environments of the Gymnasium ids `without` are skipped with their stages. Raises `BadInput`.
    """
    from agents.training.prepared_run import start

    return start(RunStore(runs), config, agent, without=without)


def resumed(folder: Path, without: Collection[str] = ()) -> PreparedRun:
    """Prepare a stored run to continue `without` these Gymnasium worlds. Raises `BadInput` if it can't."""
    from agents.training.prepared_run import resume

    return resume(Run(folder), without)


def forked(runs: Path, folder: Path, options: ForkOptions, without: Collection[str] = ()) -> PreparedRun:
    """Create a fork of the run in `folder`, `without` these Gymnasium worlds. Raises `BadInput` if it can't."""
    from agents.training.branch import RunBranch
    from agents.training.prepared_run import fork

    parent = Run(folder)
    branch = RunBranch(parent.id, options.step, options.changes, options.stages)
    return fork(RunStore(runs), parent, branch, options.name, without)
