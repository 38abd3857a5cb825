"""Runs as the window asks for them: started, resumed or forked, each prepared in the thread that will train it.

Torch takes two seconds to import, and the window must be painted before: it is imported in that thread.
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
"""Makes a new run of these settings among the runs in this folder."""


@dataclass(frozen=True, slots=True)
class Future:
    """Where a run is left, and what is different from then on."""

    step: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Settings by dotted path."""
    stages: tuple[Stage, ...] | None = None
    """The rest of the curriculum; None: the same."""
    name: str | None = None
    """What the new run is called; None: after the old one."""


def started(
    config: RunConfig, runs: Path, agent: SharedAgent | None = None, without: Collection[str] = ()
) -> PreparedRun:
    """Return a new run with `agent`, or with an untrained one. Raises `BadInput` if it can't be trained."""
    from agents.training.prepared_run import start

    return start(RunStore(runs), config, agent, without=without)


def resumed(folder: Path, without: Collection[str] = ()) -> PreparedRun:
    """Return a stored run, ready to go on `without` these Gymnasium worlds. Raises `BadInput` if it can't."""
    from agents.training.prepared_run import resume

    return resume(Run(folder), without)


def forked(runs: Path, folder: Path, future: Future, without: Collection[str] = ()) -> PreparedRun:
    """Return a new run that leaves the one in `folder`. Raises `BadInput` if it can't."""
    from agents.training.branch import RunBranch
    from agents.training.prepared_run import fork

    parent = Run(folder)
    branch = RunBranch(parent.id, future.step, future.changes, future.stages)
    return fork(RunStore(runs), parent, branch, future.name, without)
