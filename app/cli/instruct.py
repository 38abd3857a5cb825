"""`instruct`: give a stored agent an instruction, and print how often it fulfils it."""

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


def instruct(  # noqa: PLR0913  each is a flag of the command
    run_name: RunName,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The instruction, in English or Chinese.")],
    at: Annotated[
        int | None, typer.Option("--at", metavar="STEP", help="Step of the agent's checkpoint; the last if left out.")
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="One of the run's tasks; the last that can check it if left out."),
    ] = None,
    episodes: Annotated[int, typer.Option(min=1, help="Number of episodes, each in a new world.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Seeds the worlds and the sampled actions.")] = 0,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Measure how often and how soon a stored agent fulfils an instruction, with a control without it."""
    stored = RunStore(runs).find(run_name)
    try:
        result = _evaluate(stored, text, at, task, (episodes, seed))
    except NotUnderstood as error:
        raise BadInput(str(error)) from error
    if as_json:
        print_json(result)
    else:
        _print_result(wide(), result)


def _evaluate(run: Run, text: str, at: int | None, task: str | None, sample: tuple[int, int]) -> dict[str, Any]:
    from agents.agent import Snapshot  # imports Torch, which takes two seconds and only some commands need
    from agents.infer.instruction_following import attempts, task_ids_for

    tasks = run.story().tasks
    task_id = _select_task(tasks, task_ids_for(text, tasks), task, text)
    arrays, about, step = run.checkpoint_at(at)
    snapshot = Snapshot(step, arrays, about, run.task_arrays_at(step))
    episodes, seed = sample
    outcomes = list(attempts(snapshot, tasks[task_id], task_id, text, episodes=episodes, seed=seed))
    steps = [attempt.steps for attempt in outcomes if attempt.fulfilled]
    return {
        "run": run.id,
        "step": step,
        "task": tasks[task_id].title,
        "instruction": text,
        "episodes": episodes,
        "fulfilled": len(steps) / episodes,
        "control": sum(attempt.control for attempt in outcomes) / episodes,
        "median_steps": median(steps) if steps else None,
        "attempts": [asdict(attempt) for attempt in outcomes],
    }


def _select_task(tasks: tuple[Task, ...], fitting: list[int], key: str | None, text: str) -> int:
    """Return the id of the last task that can check the instruction: it is forgotten least. Raises `BadInput`."""
    wanted = [task_id for task_id in fitting if key in (None, tasks[task_id].key)]
    if not wanted:
        known = ", ".join(dict.fromkeys(tasks[task_id].key for task_id in fitting))
        raise BadInput(f"--task {key}: that task can't check “{text}”; choose one of: {known}")
    return wanted[-1]


def _print_result(console: Console, result: dict[str, Any]) -> None:
    rate, control = result["fulfilled"], result["control"]
    lines = [
        f"“{result['instruction']}”, given to the agent of step {result['step']:,} in {result['task']}",
        f"fulfilled in {rate:.2f} of {result['episodes']} episodes; control without the instruction {control:.2f}",
    ]
    if result["median_steps"] is not None:
        lines.append(f"after {result['median_steps']:g} steps (median)")
    for line in lines:
        console.print(line, markup=False)
