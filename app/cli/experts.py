"""`experts`: run and store the single-task experts of a curriculum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from agents.config.single_task import TAG, single_task_configs
from agents.store.run import Run
from agents.store.run_store import RunStore
from app.cli.progress import ProgressPrinter
from app.cli.run import load_config, start_run


def run_experts(
    curriculum: str, changes: Mapping[str, Any], seeds: int, store: RunStore, printer: ProgressPrinter
) -> list[Run]:
    """Train the expert of every task and seed, one after the other; return their runs.

    Stops after the first run whose exit code is not 0, such as one that Ctrl+C stopped.
    """
    first = load_config(curriculum, changes)
    runs = []
    for seed in range(first.seed, first.seed + seeds):
        for config in single_task_configs(first.model_copy(update={"seed": seed})):
            name = f"{config.name}, seed {seed}"
            run, code = start_run(config, store, name, printer)
            run.describe(name, [TAG], f"single-task expert of {first.name}")
            runs.append(run)
            if code:
                return runs
    return runs


def show_experts(console: Console, runs: Sequence[Run]) -> None:
    """Print the experts, and the command that compares a run with them."""
    for run in runs:
        console.print(f"{run.id}  {run.name}", markup=False)
    console.print("palimpsest compare RUN " + " ".join(f"--expert {run.id}" for run in runs), markup=False)
