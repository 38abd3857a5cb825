"""Execute the runs of a benchmark: finished ones are reused, interrupted ones are resumed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from agents.analysis.comparison import ComparedRun
from agents.config import RunConfig
from agents.runtime.stall import Stall
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.training import headless
from agents.training.prepared_run import resume, start


@dataclass(frozen=True, slots=True)
class CachedRun:
    """A run that is wanted: an ordinary one, found again by its tags and its settings."""

    title: str
    config: RunConfig
    tags: tuple[str, ...]


def cached(lives: Sequence[CachedRun], root: Path, jobs: int = 1) -> list[ComparedRun]:
    """Return the story of each life; those that are not over are lived first, `jobs` at a time."""
    run = partial(run_cached, root=root)
    if jobs == 1:
        ids = [_said(life, run(life)) for life in lives]
    else:
        # forked processes would inherit torch's threads in an unknown state
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            ids = [_said(life, done) for life, done in zip(lives, pool.map(run, lives), strict=True)]
    store = RunStore(root)
    return [ComparedRun(name, store.find(name).story()) for name in ids]


def run_cached(life: CachedRun, root: Path) -> tuple[str, float]:
    """Live one life to its end, from where it was left; return the run's id and the seconds that it took now.

    Raises `BadInput` if another process is writing it.
    """
    started, store = perf_counter(), RunStore(root)
    run = next(_stored(store, life), None)
    if run is not None and run.state == "done":
        return run.id, 0.0
    prepared = start(store, life.config, name=life.title) if run is None else resume(run)
    if run is None:
        prepared.run.describe(life.title, life.tags, "")
    headless.run_to_end(prepared, _warn)  # the story is read from the store
    return prepared.run.id, perf_counter() - started


def _warn(stall: Stall) -> None:
    sys.stderr.write(f"{stall.task}: no step for {stall.seconds:.0f} s ({stall.phase}); its world may hang\n")


def _stored(store: RunStore, life: CachedRun) -> Iterator[Run]:
    """Yield the runs that are this life, the newest first."""
    for run in reversed(list(store)):
        if set(life.tags) <= set(run.meta.get("tags", ())) and run.config == life.config:
            yield run


def _said(life: CachedRun, done: tuple[str, float]) -> str:
    name, seconds = done
    sys.stderr.write(f"{life.title}: {f'{seconds:.0f} s' if seconds else 'was lived before'}\n")
    return name
