"""External environments with one defect each: the command line and the window must report them and continue."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agents.benchmarks.report.figure import Figure, none_of
from agents.benchmarks.report.progress import print_progress
from agents.config import RunConfig
from agents.config.config_file import save
from agents.runtime import stall
from agents.store.run_store import RunStore
from app.benchmarks.command_line import run_command
from app.benchmarks.screen import ROOT, find_screen, isolated_environment
from app.benchmarks.world_defects import DEFECTS, DefectPlan, plan_world, register

OTHER = "household/go-to"
"""Task of the other stage, which must be completed in every case."""
STOP = 2.0
"""Maximum seconds until Stop takes effect."""
HANGS = "may hang"
"""Text of the command line's message about a hang."""


@dataclass(frozen=True, slots=True)
class WorldOutcome:
    """The outcome of a run with a generated world."""

    world: str
    defect: str
    path: str
    """`command` or `window`."""
    messages: str
    errors: tuple[str, ...] = ()
    """Unexpected errors."""
    is_other_completed: bool = True
    """Whether the stage in the other world was completed; after a hang, when asked to continue."""
    stopped: float = 0.0
    """Seconds until Stop took effect."""

    @property
    def is_silent(self) -> bool:
        """Whether no message names the world and its defect; without a defect, whether there is any message."""
        if not self.defect:
            return bool(self.messages)
        defect = DEFECTS[self.defect]
        words = defect.message.split("|")
        lines = self.messages.splitlines()
        is_named = any(self.world in line and any(word in line for word in words) for line in lines)
        return bool(defect.message) and not is_named and not (defect.in_window and self.path == "command")


def figures(worlds: int = 200, controls: int = 20, patience: float = stall.PATIENCE, seed: int = 0) -> list[Figure]:
    """Run `worlds` worlds with a defect and `controls` without, by command line and in a window."""
    plans = [plan_world(seed, index) for index in range(worlds)]
    intact = [plan_world(seed, index, is_intact=True) for index in range(controls)]
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        outcomes = [*by_command([*plans, *intact], Path(folder), patience)]
        outcomes += by_window(worlds, controls, patience, seed)
    return list(_figures(outcomes, patience))


def curriculum(plan: DefectPlan) -> RunConfig:
    """Return a short run with the world and the other one; the plan's step determines their order."""
    stages: list[dict[str, Any]] = [{"task": f"gym:{plan.name}", "steps": 512}, {"task": OTHER, "steps": 64}]
    return RunConfig.model_validate(
        {
            "name": plan.name,
            "stages": stages if plan.step % 2 else stages[::-1],
            "learning": {"n_envs": 2, "n_steps": 16},
            "algorithm": {"name": "ppo", "n_epochs": 1, "batch_size": 32},
            "model": {"layers": 1, "width": 16, "heads": 2},
            "evaluation": {"n_eval_episodes": 1, "eval_freq": 0},
        }
    )


def by_command(plans: list[DefectPlan], folder: Path, patience: float) -> Iterator[WorldOutcome]:
    """Run each world by the command line; press Ctrl+C once it reports a call that hung for `patience` seconds."""
    usual, stall.PATIENCE = stall.PATIENCE, patience
    # in a background process of a shell, SIGINT is ignored unless a handler is set
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for plan in plans:
            register(plan)
            yield report(_run_by_command(plan, folder / plan.name))
    finally:
        signal.signal(signal.SIGINT, before)
        stall.PATIENCE = usual


def by_window(worlds: int, controls: int, patience: float, seed: int) -> list[WorldOutcome]:
    """Run each world in a window, all in one subprocess; a call hangs if it takes more than `patience` seconds."""
    find_screen()
    arguments = map(str, (worlds, controls, patience, seed))
    command = [sys.executable, "-m", "app.benchmarks.external_world_window", *arguments]
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = isolated_environment(folder)
        process = subprocess.Popen([*command, folder], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        outcomes = [WorldOutcome(**json.loads(line)) for line in process.stdout if line.startswith("{")]
    if process.wait():
        outcomes.append(WorldOutcome("the window itself", "", "window", "", (f"exit code {process.returncode}",)))
    return [report(outcome) for outcome in outcomes]


def report(outcome: WorldOutcome) -> WorldOutcome:
    """Print the faults of an outcome, if any, and return it."""
    faults = [
        *outcome.errors,
        *(["not reported" if outcome.defect else "reported without a defect"] if outcome.is_silent else []),
        *([] if outcome.is_other_completed else ["the other stage was not completed"]),
        *([f"Stop took {outcome.stopped:.1f} s"] if outcome.stopped > STOP else []),
    ]
    if faults:
        title = f"{outcome.world} ({outcome.defect}, {outcome.path})"
        print_progress(f"{title}: {'; '.join(faults)}: {outcome.messages[-300:]!r}")
    return outcome


def _run_by_command(plan: DefectPlan, folder: Path) -> WorldOutcome:
    folder.mkdir()
    save(folder / "guest.toml", curriculum(plan))
    stderr, is_over = io.StringIO(), threading.Event()
    if plan.defect == "hang":
        threading.Thread(target=_interrupt, args=(stderr, is_over), daemon=True).start()
    arguments = ["run", str(folder / "guest.toml"), "--runs", str(folder / "runs"), "--json"]
    result = run_command(arguments, stderr)
    is_over.set()
    was_interrupted = result.code == 130
    errors = [f"it left {trace!r}" for trace in result.traces]
    if not (was_interrupted or _is_json(result.stdout)):
        errors.append("stdout is not one JSON object")
    lines = [line.strip() for line in result.stderr.splitlines() if "!" in line or line.startswith("palimpsest:")]
    is_completed = was_interrupted or any(_completed_stages(folder / "runs"))
    return WorldOutcome(plan.name, plan.defect, "command", "\n".join(lines), tuple(errors), is_completed)


def _interrupt(stderr: io.StringIO, is_over: threading.Event) -> None:
    """Press Ctrl+C after the message about a hang."""
    while not is_over.wait(0.05):
        if HANGS in stderr.getvalue():
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            return


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _completed_stages(runs: Path) -> Iterator[bool]:
    """Yield of each stage in the other world whether it used its budget of steps."""
    for run in RunStore(runs):
        yield from (clip.reason == "budget" for clip in run.story().clips if clip.stage.task == OTHER)


def _figures(outcomes: list[WorldOutcome], patience: float) -> Iterator[Figure]:
    defective = [outcome for outcome in outcomes if outcome.defect]
    intact = [outcome for outcome in outcomes if not outcome.defect]
    source = f"{len(defective) // 2} worlds with one of {len(DEFECTS)} broken promises, by command line and window"
    errors, silent = sum(bool(outcome.errors) for outcome in outcomes), sum(outcome.is_silent for outcome in defective)
    incomplete = sum(not outcome.is_other_completed for outcome in defective)
    slowest = max((outcome.stopped for outcome in outcomes), default=0.0)
    late = sum(outcome.stopped > STOP for outcome in outcomes)
    failed = sum(outcome.is_silent or not outcome.is_other_completed for outcome in intact)
    yield none_of("worlds: unforeseen errors", errors, source)
    yield none_of("worlds: silent", silent, f"{source}; the world or what it did is not named")
    after = f"after a hang, which is reported after {patience:g} s, when asked"
    yield none_of("worlds: other stages not completed", incomplete, f"{source}; {after}")
    yield none_of("worlds: Stop unanswered after 2 s", late, f"in the window; slowest {slowest:.2f} s")
    yield none_of("worlds: sound ones reported or not completed", failed, f"{len(intact)} without a defect")
