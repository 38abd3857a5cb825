"""`experts`: each task of a curriculum learned alone, to measure by what the others helped or hindered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console

from agents.config import RunConfig
from agents.runs import Run, RunStore
from app import cli_run
from app.cli_tell import Teller
from envs.curriculum import Stage

TAG = "expert"
"""By which the run browser finds them."""


def alone(config: RunConfig) -> Iterator[RunConfig]:
    """Yield for each task of the curriculum the settings of an agent that learns nothing else.

    Nothing needs to be guarded there, so the strategy is naive; a task that comes twice is
    learned for as long as its longest stage.
    """
    longest: dict[str, Stage] = {}
    for stage in config.stages:
        known = longest.get(stage.column.identity)
        if stage.kind == "task" and (known is None or stage.steps > known.steps):
            longest[stage.column.identity] = stage
    for stage in longest.values():
        plain = stage.model_copy(update={"strategy": {}})
        left = config.model_copy(update={"stages": (plain,), "name": f"{stage.column.title} alone"})
        yield left.changed({"strategy.name": "naive"})


def live(curriculum: str, changes: Mapping[str, Any], seeds: int, store: RunStore, teller: Teller) -> list[Run]:
    """Live every expert of every seed, one after the other; return their runs. Ctrl+C ends with the running one."""
    first = cli_run.configured(curriculum, changes)
    runs = []
    for seed in range(first.seed, first.seed + seeds):
        for config in alone(first.model_copy(update={"seed": seed})):
            name = f"{config.name}, seed {seed}"
            run, code = cli_run.live(config, store, name, teller)
            run.describe(name, [TAG], f"single-task expert of {first.name}")
            runs.append(run)
            if code:
                return runs
    return runs


def show(console: Console, runs: Sequence[Run]) -> None:
    """Print the experts, and how a run is compared with them."""
    for run in runs:
        console.print(f"{run.id}  {run.name}", markup=False)
    console.print("palimpsest compare RUN " + " ".join(f"--expert {run.id}" for run in runs), markup=False)
