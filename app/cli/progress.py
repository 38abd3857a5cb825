"""Print a run's events on the terminal: one line each for what matters, and a progress bar."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from agents.commands import Pause, Resume, Stop
from agents.config.strategy_pair import spelling
from agents.events import (
    ATTEMPTS,
    CommandApplied,
    CommandRefused,
    Evaluated,
    Event,
    Fault,
    Resumed,
    RolledBack,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    StorageFault,
    TasksChanged,
    Updated,
)
from agents.models.load_progress import LoadProgress
from agents.runtime.escaping import visible
from agents.runtime.stall import Stall
from agents.story import Story
from app.cli.table_cells import cell
from app.runs.tables import column_titles

STAGE_END_REASONS = {
    "budget": "budget of steps used up",
    "gate": "target score reached",
    "cut": "shortened by an edit",
    "stopped": "stopped",
    "fault": "it failed",
}


class ProgressPrinter:
    """Prints events to a console, one line each, with a progress bar if it is a terminal."""

    def __init__(self, console: Console, *, live: bool = True) -> None:
        self._console = console
        self._titles: list[str] = []
        self._stages = 0
        self._stage_start = 0
        self._storage_faults = StorageFaultFilter()
        self._bar: TaskID | None = None
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not (live and console.is_terminal),
            transient=True,
        )

    def __enter__(self) -> ProgressPrinter:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def print_loading(self, reports: Iterable[LoadProgress]) -> None:
        """Print each phase of loading the run's model once."""
        phase = ""
        for report in reports:
            if report.phase != phase:
                phase = report.phase
                self._print(f"{phase} the model")

    def restore(self, story: Story) -> None:
        """Take over the task titles and the number of stages of a story, without printing its events."""
        self._titles, self._stages = column_titles(story.tasks), len(story.config.stages)

    def print_event(self, event: Event) -> None:
        """Print an event, unless it is of no interest or repeats a storage fault."""
        kind = self._storage_faults.classify(event)
        if kind == "recovered":
            self._print(f"  Writing works again; the run continues at step {event.step:,}")
        if kind != "repeated":
            self._print_line(event)

    def _print_line(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._print_run(event)
            case TasksChanged(tasks=tasks):
                self._titles = column_titles(tasks)
            case StageStarted():
                self._start_stage(event)
            case StageFinished(step=step, reason=reason):
                self._print(f"  ended at step {step:,}: {STAGE_END_REASONS[reason]}")
            case Updated():
                self._advance(event)
            case Evaluated():
                self._print_scores(event)
            case _:
                self._print_other(event)

    def warn(self, stall: Stall) -> None:
        """Print that the run hangs, and the remedy. Called by another thread."""
        waited, remedy = f"no step for {stall.seconds:.0f} s ({stall.phase})", "Ctrl+C ends it"
        if stall.phase == "making":
            waited = f"not ready after {stall.seconds:.0f} s"
        else:
            remedy += ", `palimpsest resume RUN` continues from its last checkpoint"
        self._print(f"  ! {stall.task}: {waited}; its world may hang. {remedy}")

    def _print_run(self, event: RunStarted) -> None:
        config, agent = event.config, event.agent
        self._stages = len(config.stages)
        about = ", ".join(
            f"{value:,} {key}" if isinstance(value, int) else f"{key} {value}" for key, value in agent.items()
        )
        self._print(f"{config.name}: {config.algorithm.name}, {spelling(config.strategy)}, seed {config.seed}; {about}")

    def _start_stage(self, event: StageStarted) -> None:
        title, steps = event.stage.configured_task.title, event.stage.steps
        self._stage_start = event.step
        self._print(f"Stage {event.index + 1} of {max(self._stages, event.index + 1)}: {title}, up to {steps:,} steps")
        if self._bar is not None:
            self._progress.remove_task(self._bar)
        self._bar = self._progress.add_task(escape(visible(title)), total=steps, rate="")

    def _advance(self, event: Updated) -> None:
        if self._bar is not None:
            self._progress.update(
                self._bar, completed=event.step - self._stage_start, rate=f"{event.rate:,.0f} steps/s"
            )

    def _print_scores(self, event: Evaluated) -> None:
        titled_scores = zip(self._titles, event.scores, strict=False)
        scores = ", ".join(f"{title} {score_text(score)}" for title, score in titled_scores)
        when = "untrained" if event.index < 0 else f"step {event.step:,}"
        self._print(f"  {when}: {scores}")

    def _print_other(self, event: Event) -> None:
        match event:
            case StorageFault(message=message, arguments=arguments):
                self._print(f"  ! {message.format(**arguments)}. The run waits until it can be written")
            case Fault(message=message, arguments=arguments) | CommandRefused(reason=message, arguments=arguments):
                self._print("  ! " + message.format(**arguments))
            case CommandApplied(command=command, step=step):
                self._print(f"  {type(command).__name__} at step {step:,}")
            case Resumed(step=step, exact=exact, note=note):
                self._print(
                    f"Continues at step {step:,}, {'exactly' if exact else 'not exactly'}{note and f': {note}'}"
                )
            case RolledBack(to=to, attempt=attempt):
                self._print(f"  Restored the checkpoint of step {to:,} (failure {attempt} of {ATTEMPTS})")
            case RunFinished(reason=reason, step=step, seconds=seconds):
                self._print(f"{reason.capitalize()} after {step:,} steps, {seconds:,.0f} s")

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False)


def score_text(score: float | None) -> str:
    """Format a score with two decimals, or a dash if there is none."""
    return "–" if score is None else f"{score:.2f}"


def show_summary(console: Console, summary: dict[str, Any]) -> None:
    """Print the evaluation matrix, the metrics and the speed of a run."""
    titles = [task["title"] for task in summary["tasks"]]
    table = Table(title=escape(f"{summary['config']['name']}  ({summary['run']})"), title_justify="left")
    table.add_column("score on")
    for title in titles:
        table.add_column(escape(title), justify="right")
    for title, row in zip(summary["rows"], summary["matrix"], strict=True):
        table.add_row(escape(f"after {title}" if title else "untrained"), *map(score_text, row))
    console.print(table)
    definitions = summary["metrics"]["definition"]
    for key, value in summary["metrics"].items():
        if key != "definition":
            console.print(f"{key:>12} {score_text(value):>6}   {definitions[key]}", markup=False)
    rate = summary["steps_per_second"]
    speed = "" if rate is None else f", {rate:,.0f} steps/s"
    console.print(f"{summary['steps']:,} steps in {summary['seconds']:,.0f} s{speed}", markup=False)


def show_resume_hint(console: Console, run: str, state: str) -> None:
    """Print the command that continues a run which was stopped or interrupted."""
    if state in ("interrupted", "stopped"):
        console.print(f"{state}; continue it with: palimpsest resume {run}", markup=False)


def show_table(console: Console, rows: list[dict[str, Any]]) -> None:
    """Print rows of equal keys as a table, without nested values and columns that are empty in every row."""
    table = Table()
    plain = [key for key, value in rows[0].items() if not isinstance(value, list | dict)] if rows else []
    keys = [key for key in plain if any(row[key] not in ("", None) for row in rows)]
    for key in keys:
        # the first column is an argument of other commands: without wrapping it can be copied in one piece
        table.add_column(key.replace("_", " "), overflow="fold", no_wrap=key == keys[0])
    for row in rows:
        table.add_row(*(escape(cell(row[key])) for key in keys))
    console.print(table if rows else "nothing yet")


class StorageFaultFilter:
    """Recognises storage faults that repeat while the run retries to write."""

    def __init__(self) -> None:
        self._message = ""
        """The message of the last storage fault; empty while writing works."""
        self._is_stopping = False

    def classify(self, event: Event) -> Literal["new", "repeated", "recovered"]:
        """Classify an event: "new" to print, "repeated" failed retry, or the first one after a recovery."""
        command = event.command if isinstance(event, CommandApplied) else None
        if isinstance(event, StorageFault):
            previous, self._message = self._message, event.message
            return "repeated" if previous == self._message else "new"
        if not self._message:
            return "new"
        if isinstance(command, Pause | Resume):  # the run pauses at a fault and resumes to retry
            return "repeated"
        self._is_stopping = self._is_stopping or isinstance(command, Stop)
        if self._is_stopping:
            return "new"
        self._message = ""
        return "recovered"
