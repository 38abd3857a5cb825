"""External environments with one defect each: the command line and the window must report them and go on."""

from __future__ import annotations

import contextlib
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
from agents.config import RunConfig
from agents.config.config_file import save
from agents.runtime import stall
from agents.store.run_store import RunStore
from app.benchmarks.screen import ROOT, find_screen, isolated_environment
from app.benchmarks.world_defects import DEFECTS, DefectPlan, planned, register
from app.cli.commands import main

OTHER = "household/go-to"
"""The task of the stage that is to be lived whatever happens."""
STOP = 2.0
"""Seconds in which Stop is to be answered."""
HANGS = "may hang"
"""How the command line tells of a hang."""
TRACES = ("Traceback", "PALIMPSEST_DEBUG")
"""What an error that nobody foresaw leaves behind."""


@dataclass(frozen=True, slots=True)
class WorldOutcome:
    """What came of a run with somebody's world in it."""

    world: str
    defect: str
    path: str
    """`command` or `window`."""
    said: str
    errors: tuple[str, ...] = ()
    """What nobody foresaw."""
    is_other_lived: bool = True
    """Whether the stage in another world was lived to its end; after a hang, when asked."""
    stopped: float = 0.0
    """Seconds until Stop was answered."""

    @property
    def is_silent(self) -> bool:
        """Whether the world was not named, or not what it did."""
        if not self.defect:
            return bool(self.said)
        defect = DEFECTS[self.defect]
        words = defect.told.split("|")
        is_told = any(self.world in line and any(word in line for word in words) for line in self.said.splitlines())
        return bool(defect.told) and not is_told and not (defect.in_window and self.path == "command")


def figures(worlds: int = 200, controls: int = 20, patience: float = stall.PATIENCE, seed: int = 0) -> list[Figure]:
    """Live with so many broken worlds, and with sound ones, by the command line and in a window."""
    plans = [planned(seed, place) for place in range(worlds)]
    sound = [planned(seed, place, is_sound=True) for place in range(controls)]
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        lived = [*by_command([*plans, *sound], Path(folder), patience)]
        lived += by_window(worlds, controls, patience, seed)
    return list(_figures(lived, patience))


def curriculum(plan: DefectPlan) -> RunConfig:
    """Return a short run with the world and another one; which comes first follows from its moment."""
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
    """Live with each on the command line; to a hang that is told, press Ctrl+C."""
    usual, stall.PATIENCE = stall.PATIENCE, patience
    # who begins this in the background has Ctrl+C ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for plan in plans:
            register(plan)
            yield told(_commanded(plan, folder / plan.name))
    finally:
        signal.signal(signal.SIGINT, before)
        stall.PATIENCE = usual


def by_window(worlds: int, controls: int, patience: float, seed: int) -> list[WorldOutcome]:
    """Live with each in a window, in a process of its own."""
    find_screen()
    command = [
        sys.executable,
        "-m",
        "app.benchmarks.external_world_window",
        *map(str, (worlds, controls, patience, seed)),
    ]
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = isolated_environment(folder)
        done = subprocess.Popen([*command, folder], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert done.stdout is not None
        found = [WorldOutcome(**json.loads(line)) for line in done.stdout if line.startswith("{")]
    if done.wait():
        found.append(WorldOutcome("the window itself", "", "window", "", (f"exit code {done.returncode}",)))
    return [told(outcome) for outcome in found]


def told(outcome: WorldOutcome) -> WorldOutcome:
    """Say on stderr what is not as it should be, and return the outcome."""
    odd = [
        *outcome.errors,
        *(["silent" if outcome.defect else "told of though sound"] if outcome.is_silent else []),
        *([] if outcome.is_other_lived else ["the other stage was not lived"]),
        *([f"Stop took {outcome.stopped:.1f} s"] if outcome.stopped > STOP else []),
    ]
    if odd:
        what = f"{outcome.world} ({outcome.defect}, {outcome.path})"
        print(f"{what}: {'; '.join(odd)}: {outcome.said[-300:]!r}", file=sys.stderr, flush=True)
    return outcome


def _commanded(plan: DefectPlan, folder: Path) -> WorldOutcome:
    folder.mkdir()
    save(folder / "guest.toml", curriculum(plan))
    out, err = io.StringIO(), io.StringIO()
    over = threading.Event()
    if plan.defect == "hang":
        threading.Thread(target=_press, args=(err, over), daemon=True).start()
    arguments = ["run", str(folder / "guest.toml"), "--runs", str(folder / "runs"), "--json"]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    over.set()
    said, was_left = err.getvalue(), code == 130
    errors = [f"it left {trace!r}" for trace in TRACES if trace in said]
    if not (was_left or _is_json(out.getvalue())):
        errors.append("stdout is not one JSON object")
    lines = [line.strip() for line in said.splitlines() if "!" in line or line.startswith("palimpsest:")]
    is_lived = was_left or any(_has_lived(folder / "runs"))
    return WorldOutcome(plan.name, plan.defect, "command", "\n".join(lines), tuple(errors), is_lived)


def _press(said: io.StringIO, over: threading.Event) -> None:
    """Press Ctrl+C once a hang was told."""
    while not over.wait(0.05):
        if HANGS in said.getvalue():
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            return


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _has_lived(runs: Path) -> Iterator[bool]:
    for run in RunStore(runs):
        yield from (clip.reason == "budget" for clip in run.story().clips if clip.stage.task == OTHER)


def _figures(lived: list[WorldOutcome], patience: float) -> Iterator[Figure]:
    broken, sound = ([each for each in lived if bool(each.defect) is is_broken] for is_broken in (True, False))
    count = len(broken) // 2
    how = f"{count} worlds with one of {len(DEFECTS)} broken promises, by command line and window"
    errors, silent = sum(bool(each.errors) for each in lived), sum(each.is_silent for each in broken)
    unlived = sum(not each.is_other_lived for each in broken)
    slowest = max((each.stopped for each in lived), default=0.0)
    late = sum(each.stopped > STOP for each in lived)
    failed = sum(each.is_silent or not each.is_other_lived for each in sound)
    yield none_of("worlds: unforeseen errors", errors, how)
    yield none_of("worlds: silent", silent, f"{how}; the world or what it did is not named")
    after = f"after a hang, which is told after {patience:g} s, when asked"
    yield none_of("worlds: other stages not lived", unlived, f"{how}; {after}")
    yield none_of("worlds: Stop unanswered after 2 s", late, f"in the window; slowest {slowest:.2f} s")
    yield none_of("worlds: sound ones told of or not lived", failed, f"{len(sound)} without a defect")
