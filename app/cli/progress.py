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

ENDS = {
    "budget": "its steps are spent",
    "gate": "its score is reached",
    "cut": "cut by an edit",
    "stopped": "stopped",
    "fault": "it failed",
}


class ProgressPrinter:
    """Tells events to a console, one line each, with a progress bar where there is a terminal."""

    def __init__(self, console: Console, *, live: bool = True) -> None:
        self._console = console
        self._titles: list[str] = []
        self._stages = 0
        self._start = 0
        self._room = TerminalSize()
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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def expect(self, arrivals: Iterable[LoadProgress]) -> None:
        """Say once what is being done to have the run's model."""
        told = ""
        for arrival in arrivals:
            if arrival.phase != told:
                told = arrival.phase
                self._say(f"{told} the model")

    def recall(self, story: Story) -> None:
        """Know what was told before, without saying it again."""
        self._titles, self._stages = column_titles(story.tasks), len(story.config.stages)

    def tell(self, event: Event) -> None:
        """Say what happened, if a person would want to know."""
        room = self._room.heard(event)
        if room == "over":
            self._say(f"  It can be written again: the run goes on at step {event.step:,}")
        if room != "again":
            self._tell(event)

    def _tell(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._open(event)
            case TasksChanged(tasks=tasks):
                self._titles = column_titles(tasks)
            case StageStarted():
                self._begin(event)
            case StageFinished(step=step, reason=reason):
                self._say(f"  over at step {step:,}: {ENDS[reason]}")
            case Updated():
                self._advance(event)
            case Evaluated():
                self._score(event)
            case _:
                self._warn(event)

    def warn(self, stall: Stall) -> None:
        """Say that the run hangs, and what helps. Called by another thread."""
        waited, remedy = f"no step for {stall.seconds:.0f} s ({stall.phase})", "Ctrl+C ends it"
        if stall.phase == "making":
            waited = f"not ready after {stall.seconds:.0f} s"
        else:
            remedy += ", `palimpsest resume RUN` goes on from its last checkpoint"
        self._say(f"  ! {stall.task}: {waited}; its world may hang. {remedy}")

    def _open(self, event: RunStarted) -> None:
        config, agent = event.config, event.agent
        self._stages = len(config.stages)
        about = ", ".join(
            f"{value:,} {key}" if isinstance(value, int) else f"{key} {value}" for key, value in agent.items()
        )
        self._say(f"{config.name}: {config.algorithm.name}, {spelling(config.strategy)}, seed {config.seed}; {about}")

    def _begin(self, event: StageStarted) -> None:
        title, steps = event.stage.configured_task.title, event.stage.steps
        self._start = event.step
        self._say(f"Stage {event.index + 1} of {max(self._stages, event.index + 1)}: {title}, up to {steps:,} steps")
        if self._bar is not None:
            self._progress.remove_task(self._bar)
        self._bar = self._progress.add_task(escape(visible(title)), total=steps, rate="")

    def _advance(self, event: Updated) -> None:
        if self._bar is not None:
            self._progress.update(self._bar, completed=event.step - self._start, rate=f"{event.rate:,.0f} steps/s")

    def _score(self, event: Evaluated) -> None:
        known = zip(self._titles, event.scores, strict=False)
        scores = ", ".join(f"{title} {score_text(score)}" for title, score in known)
        when = "untrained" if event.index < 0 else f"step {event.step:,}"
        self._say(f"  {when}: {scores}")

    def _warn(self, event: Event) -> None:
        match event:
            case StorageFault(message=message, arguments=arguments):
                self._say(f"  ! {message.format(**arguments)}. The run waits until that can be done")
            case Fault(message=message, arguments=arguments) | CommandRefused(reason=message, arguments=arguments):
                self._say("  ! " + message.format(**arguments))
            case CommandApplied(command=command, step=step):
                self._say(f"  {type(command).__name__} at step {step:,}")
            case Resumed(step=step, exact=exact, note=note):
                self._say(f"Goes on at step {step:,}, {'exactly' if exact else 'not exactly'}{note and f': {note}'}")
            case RolledBack(to=to, attempt=attempt):
                self._say(f"  The agent is again as it was at step {to:,} (failure {attempt} of {ATTEMPTS})")
            case RunFinished(reason=reason, step=step, seconds=seconds):
                self._say(f"{reason.capitalize()} after {step:,} steps, {seconds:,.0f} s")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False)


def score_text(score: float | None) -> str:
    """Return a score as people read it."""
    return "–" if score is None else f"{score:.2f}"


def show_summary(console: Console, summary: dict[str, Any]) -> None:
    """Print the evaluation matrix and what it comes to."""
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


def show_remedy(console: Console, run: str, state: str) -> None:
    """Print how a run that did not come to its end goes on."""
    if state in ("interrupted", "stopped"):
        console.print(f"{state}; it goes on with: palimpsest resume {run}", markup=False)


def show_table(console: Console, rows: list[dict[str, Any]]) -> None:
    """Print rows of equal keys; lists within them, and what is empty in each row, are left to `--json`."""
    table = Table()
    plain = [key for key, value in rows[0].items() if not isinstance(value, list | dict)] if rows else []
    keys = [key for key in plain if any(row[key] not in ("", None) for row in rows)]
    for key in keys:
        # the first one is what a command is given: it can be copied in one piece
        table.add_column(key.replace("_", " "), overflow="fold", no_wrap=key == keys[0])
    for row in rows:
        table.add_row(*(escape(cell(row[key])) for key in keys))
    console.print(table if rows else "nothing yet")


class TerminalSize:
    """Hears what a run tells, and says what is worth repeating."""

    def __init__(self) -> None:
        self._lack = ""
        """What can't be written, in words; empty if all can."""
        self._is_given_up = False

    def heard(self, event: Event) -> Literal["news", "again", "over"]:
        """Return whether this is to be told, is another attempt in vain, or the first sign that there is room again."""
        command = event.command if isinstance(event, CommandApplied) else None
        if isinstance(event, StorageFault):
            before, self._lack = self._lack, event.message
            return "again" if before == self._lack else "news"
        if not self._lack:
            return "news"
        if isinstance(command, Pause | Resume):
            return "again"
        self._is_given_up = self._is_given_up or isinstance(command, Stop)
        if self._is_given_up:
            return "news"
        self._lack = ""
        return "over"
