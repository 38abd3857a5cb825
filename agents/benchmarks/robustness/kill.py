"""How much does a killed run lose? Runs are killed (SIGKILL) at random times, verified, resumed, and killed again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from agents.benchmarks.report.figure import Figure, at_least, at_most, none_of
from agents.config import RunConfig, config_file
from agents.config.agent import ModelConfig
from agents.config.learning import CheckpointConfig, EvaluationConfig, LearningConfig
from agents.errors import BadInput
from agents.events import Updated
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.store.sealed_files import Damaged
from envs.curriculum import Stage

EVERY = 1_024
CONFIG = RunConfig(
    name="Killed",
    stages=(Stage(task="household/go-to", steps=8_192), Stage(task="mirror/go-to", steps=8_192)),
    model=ModelConfig(layers=1, width=32, heads=2),
    learning=LearningConfig(n_envs=16, n_steps=16),
    evaluation=EvaluationConfig(n_eval_episodes=4, eval_freq=2_048),
    checkpoint=CheckpointConfig(save_steps=EVERY, max_time_share=1),
)
ROLLOUT = 16 * 16
LONGEST = 2.5
"""Maximum seconds from the start of a run to the kill."""
TIMEOUT = 120
"""Maximum seconds that a process may take to start its run, or to finish it."""

NAIVE = """
import sys
import numpy as np
from safetensors.numpy import save
path, pieces = sys.argv[1], 64
number = 0
while True:
    content = save({"w": np.full(1 << 18, number, np.float32)})
    with open(path, "wb", buffering=0) as stream:
        for start in range(0, len(content), len(content) // pieces):
            stream.write(content[start : start + len(content) // pieces])
    number += 1
"""
"""Program of the control: it overwrites its checkpoint in place, in a loop."""


@dataclass(slots=True)
class KillTally:
    """Counts over all kills."""

    kills: int = 0
    lost: int = 0
    damaged: int = 0
    max_steps_lost: int = 0
    """Maximum distance between the last recorded step and the newest checkpoint."""
    finished: int = 0
    different: int = 0
    """Finished runs whose weights or losses differ from those of a run that was never killed."""


def measure(kills: int = 30, seed: int = 0) -> list[Figure]:
    """Kill and resume command-line runs `kills` times; the control is a writer in place, killed as often."""
    rng = np.random.default_rng(seed)
    with TemporaryDirectory() as folder:
        tally = _kill_runs(Path(folder), kills, rng)
        damaged = sum(_is_damaged_in_place(Path(folder) / "naive.safetensors", rng) for _ in range(kills))
    source = f"{tally.kills} kills at random moments; runs that arrived at their end all the same: {tally.finished}"
    bound, by_checkpoint = EVERY + ROLLOUT, f"a checkpoint every {EVERY} steps, and a rollout"
    in_place = "one file, written in place, killed at random moments"
    return [
        none_of("runs lost", tally.lost, source, "runs"),
        none_of("damaged checkpoints", tally.damaged, "size and SHA-256 of all, after every kill", "checkpoints"),
        at_most("most training lost", tally.max_steps_lost, "steps", bound, by_checkpoint, form=","),
        none_of("runs that end with other weights", tally.different, f"of {tally.finished}, tolerance 0", "runs"),
        at_least("checkpoints that a naive writer loses (control)", damaged, f"of {kills}", 1, in_place),
    ]


def _kill_runs(folder: Path, kills: int, rng: np.random.Generator) -> KillTally:
    path = folder / "killed.toml"
    config_file.save(path, CONFIG, ids=True)
    store, tally = RunStore(folder / "runs"), KillTally()
    _wait(_start(store, "run", str(path), "--name", "whole"), store, "whole", None)
    expected = _final_state(store.find("whole"))
    name = "killed 0"
    command: list[str] | None = ["run", str(path), "--name", name]
    while command is not None and tally.lost <= kills:
        process = _start(store, *command)
        is_last = tally.kills >= kills
        exit_code = _wait(process, store, name, None if is_last else float(rng.uniform(0, LONGEST)))
        tally.kills += exit_code is None
        tally.lost += exit_code not in (None, 0)
        run = _verified(store, name, tally)
        if is_over := run is not None and run.state == "done":
            tally.finished += 1
            tally.different += _final_state(store.find(name)) != expected
        if run is not None and not is_over:
            command = ["resume", run.id]
        else:
            name = f"killed {tally.kills}"
            command = ["run", str(path), "--name", name]
        command = None if is_last else command
    return tally


def _start(store: RunStore, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app", *arguments, "--quiet", "--json", "--runs", str(store.root)]
    root = Path(__file__).parents[3]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _wait(process: subprocess.Popen[bytes], store: RunStore, name: str, seconds: float | None) -> int | None:
    """Kill a process `seconds` after it started its run; return its exit code if it ended before, None if killed.

    With `seconds` None, wait for its end.
    """
    with process:
        deadline = time.monotonic() + TIMEOUT
        while process.poll() is None and time.monotonic() < deadline and not _is_writing(store, name):
            time.sleep(0.02)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(TIMEOUT if seconds is None else seconds)
        code = process.poll()
        process.kill()
    return code


def _is_writing(store: RunStore, name: str) -> bool:
    try:
        return store.find(name).is_busy
    except BadInput:
        return False


def _verified(store: RunStore, name: str, tally: KillTally) -> Run | None:
    """Load all checkpoints of a run and update the tally; return the run, or None if it is lost."""
    try:
        run = store.find(name)
        reached = max((event.step for event in run.replay()), default=0)
    except (BadInput, OSError):
        tally.lost += 1
        return None
    newest = 0
    for position in run.saves():
        try:
            run.load(position)
            newest = max(newest, position.step)
        except Damaged:
            tally.damaged += 1
    tally.max_steps_lost = max(tally.max_steps_lost, reached - newest)
    return run


def _final_state(run: Run) -> tuple[object, ...]:
    """Return the last step, the weights as bytes, and the loss terms of every update."""
    arrays, _, step = run.checkpoint_at()
    terms = [(event.step, dict(event.terms)) for event in run.replay() if isinstance(event, Updated)]
    return step, {name: array.tobytes() for name, array in arrays.items()}, terms


def _is_damaged_in_place(path: Path, rng: np.random.Generator) -> bool:
    """Kill a writer in place at a random time; return whether its file is damaged."""
    path.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-c", NAIVE, os.fspath(path)]) as process:
        deadline = time.monotonic() + TIMEOUT
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.05 + float(rng.uniform(0, 0.1)))
        process.kill()
    try:
        load_file(path)
    except (OSError, SafetensorError):
        return True
    return False
