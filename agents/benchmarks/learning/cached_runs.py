"""Execute the runs of a benchmark: finished ones are reused, interrupted ones are resumed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from agents.analysis.comparison import ComparedRun
from agents.benchmarks.report.progress import print_progress
from agents.runtime.stall import Stall
from agents.store.run_store import RunStore
from agents.studies.trials import Trial
from agents.studies.worker import prepare, stored_run
from agents.training import headless


def run_all(requests: Sequence[Trial], root: Path, jobs: int = 1) -> list[ComparedRun]:
    """Complete every run, `jobs` processes at a time; return their stories in the order of the requests."""
    run = partial(run_cached, root=root)
    if jobs == 1:
        ids = [_report(request, run(request)) for request in requests]
    else:
        # forked processes would inherit torch's threads in an unknown state
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            results = zip(requests, pool.map(run, requests), strict=True)
            ids = [_report(request, result) for request, result in results]
    store = RunStore(root)
    return [ComparedRun(run_id, store.find(run_id).story()) for run_id in ids]


def run_cached(request: Trial, root: Path) -> tuple[str, float]:
    """Execute or resume one run unless it is done; return its id and the seconds that this took.

    Raises `BadInput` if another process is writing the run.
    """
    started, store = perf_counter(), RunStore(root)
    run = stored_run(store, request)
    if run is not None and run.state == "done":
        return run.id, 0.0
    prepared = prepare(store, request, run)
    headless.run_to_end(prepared, _warn)  # the story is read from the store
    return prepared.run.id, perf_counter() - started


def _warn(stall: Stall) -> None:
    print_progress(f"{stall.task}: no step for {stall.seconds:.0f} s ({stall.phase}); its world may hang")


def _report(request: Trial, result: tuple[str, float]) -> str:
    run_id, seconds = result
    print_progress(f"{request.title}: {f'{seconds:.0f} s' if seconds else 'already stored'}")
    return run_id
