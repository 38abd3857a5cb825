"""`study`: execute the runs of a study in worker processes, and compare its arms."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.analysis.comparison import ComparedRun, compare
from agents.config.single_task import TAG
from agents.store.run_store import RunStore
from agents.studies.study_file import load
from agents.studies.trials import Trial, tag_of, trials_of
from app.cli.compare import show_comparison
from app.cli.interrupt import interruptible
from app.cli.options import Json, Quiet, Runs
from app.cli.output import print_json, wide

if TYPE_CHECKING:  # imports Torch
    from agents.studies.execution import TrialProgress


def study(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML file of the study.")],
    workers: Annotated[int, typer.Option(min=1, max=256, help="Worker processes, one trial each.")] = 2,
    plan: Annotated[bool, typer.Option("--plan", help="Only list the trials.")] = False,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Execute a study: finished trials are kept, unfinished ones are resumed; then compare its arms."""
    config, base = load(file)
    trials, store = trials_of(config, base), RunStore(runs)
    console = wide(stderr=True)
    console.quiet = quiet
    ends, interrupted = ({}, False) if plan else _execute(trials, store.root, workers, console)
    data = _summary(config.name, tag_of(config), trials, ends)
    arms = {end.run: trials[index].arm for index, end in ends.items() if end.state == "done"}
    if len(arms) == len(trials):
        data["comparison"] = _compare(store, arms)
    if as_json:
        print_json(data)
    else:
        _show(wide(), data)
    return 130 if interrupted else int(any(end.state == "failed" for end in ends.values()))


def _execute(
    trials: Sequence[Trial], root: Path, workers: int, console: Console
) -> tuple[dict[int, TrialProgress], bool]:
    """Run the trials, with a line for each start, end and warning; return their last states, and if Ctrl+C came."""
    from agents.studies.execution import run_trials  # imports Torch, which takes two seconds and `--plan` does not need

    last: dict[int, TrialProgress] = {}
    with interruptible() as stop:
        for progress in run_trials(trials, root, min(workers, len(trials)), stop):
            before = last.get(progress.index)
            last[progress.index] = progress
            if before is None or progress.state != "running" or progress.message:
                number = f"{progress.index + 1}/{len(trials)}"
                text = f": {progress.message}" if progress.message else ""
                console.print(f"{number} {trials[progress.index].title}: {progress.state}{text}", markup=False)
    return last, stop.is_set()


def _summary(name: str, tag: str, trials: Sequence[Trial], ends: dict[int, TrialProgress]) -> dict[str, Any]:
    rows = []
    for index, trial in enumerate(trials):
        end = ends.get(index)
        row = {"arm": trial.arm, "seed": trial.config.seed, "state": "planned" if end is None else end.state}
        steps = sum(stage.steps for stage in trial.config.stages)
        rows.append(
            {**row, "steps": steps, "run": "" if end is None else end.run, "message": end.message if end else ""}
        )
    counts = dict(Counter(str(row["state"]) for row in rows))
    return {"study": name, "tag": tag, "trials": rows, "counts": counts, "cores": os.cpu_count() or 1}


def _compare(store: RunStore, arms: Mapping[str, str]) -> dict[str, Any] | None:
    """Compare the arms of finished runs, by id; None where orders differ, since their matrices have other columns."""
    runs = [ComparedRun(name, store.find(name).story(), arm) for name, arm in arms.items()]
    experts = [run for run in runs if run.group == TAG]
    compared = [run for run in runs if run.group != TAG]
    tasks = {tuple(task.identity for task in run.story.tasks) for run in compared}
    return compare(compared, experts) if len(tasks) == 1 else None


def _show(console: Console, data: dict[str, Any]) -> None:
    table = Table("arm", "seed", "steps", "state", "run")
    for row in data["trials"]:
        table.add_row(escape(row["arm"]), str(row["seed"]), f"{row['steps']:,}", row["state"], row["run"])
    console.print(table)
    counts = ", ".join(f"{count} {state}" for state, count in data["counts"].items())
    console.print(f"{data['study']}: {counts}; its runs have the tag {data['tag']!r}", markup=False)
    for row in data["trials"]:
        if row["state"] == "failed":
            console.print(f"{row['arm']}, seed {row['seed']}: {row['message']}", markup=False)
    if data.get("comparison") is not None:
        show_comparison(console, data["comparison"])
