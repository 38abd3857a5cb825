"""`tell`: give a stored agent an instruction, and print what it does."""

from __future__ import annotations

from dataclasses import asdict
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console

from agents.errors import BadInput
from agents.store.run import Run
from agents.store.run_store import RunStore
from app.cli.options import Json, RunName, Runs
from app.cli.output import print_json, wide
from envs.requests import NotUnderstood
from envs.task import Task


def tell(  # noqa: PLR0913  each is a flag of the command
    run_name: RunName,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What it shall do, in English or Chinese.")],
    at: Annotated[
        int | None, typer.Option("--at", metavar="STEP", help="The agent as it was then; left out: the newest.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="TASK", help="In which of the run's tasks; left out: the last that fits.")
    ] = None,
    episodes: Annotated[int, typer.Option(min=1, help="In how many worlds.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Seeds the worlds and what the agent does by chance.")] = 0,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Tell a stored agent what to do, and see how often and how soon it does, told and untold."""
    stored = RunStore(runs).find(run_name)
    try:
        told = _told(stored, text, at, task, (episodes, seed))
    except NotUnderstood as error:
        raise BadInput(str(error)) from error
    if as_json:
        print_json(told)
    else:
        _show(wide(), told)


def _told(run: Run, text: str, at: int | None, task: str | None, sample: tuple[int, int]) -> dict[str, Any]:
    from agents.agent import Snapshot  # brings Torch, for which the other commands need not wait
    from agents.infer.instruction_following import attempts, task_ids_for

    tasks = run.story().tasks
    task_id = _chosen(tasks, task_ids_for(text, tasks), task, text)
    arrays, about, step = run.checkpoint_at(at)
    snapshot = Snapshot(step, arrays, about, run.task_arrays_at(step))
    episodes, seed = sample
    made = list(attempts(snapshot, tasks[task_id], task_id, text, episodes=episodes, seed=seed))
    steps = [attempt.steps for attempt in made if attempt.fulfilled]
    return {
        "run": run.id,
        "step": step,
        "task": tasks[task_id].title,
        "instruction": text,
        "episodes": episodes,
        "fulfilled": len(steps) / episodes,
        "untold": sum(attempt.untold for attempt in made) / episodes,
        "median_steps": median(steps) if steps else None,
        "attempts": [asdict(attempt) for attempt in made],
    }


def _chosen(tasks: tuple[Task, ...], fitting: list[int], key: str | None, text: str) -> int:
    """Return the last task that fits: what was learned last is remembered best."""
    wanted = [task_id for task_id in fitting if key in (None, tasks[task_id].key)]
    if not wanted:
        known = ", ".join(dict.fromkeys(tasks[task_id].key for task_id in fitting))
        raise BadInput(f"--task {key}: “{text}” can't be told there; choose one of: {known}")
    return wanted[-1]


def _show(console: Console, told: dict[str, Any]) -> None:
    said = [f"“{told['instruction']}”, told to the agent of step {told['step']:,} in {told['task']}"]
    said.append(f"fulfilled {told['fulfilled']:.2f} of {told['episodes']} episodes; untold {told['untold']:.2f}")
    if told["median_steps"] is not None:
        said.append(f"after {told['median_steps']:g} steps (median)")
    for line in said:
        console.print(line, markup=False)
