"""What does a kill cost? Runs are killed (SIGKILL) at random moments, verified, resumed, and killed again."""

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
"""Seconds that a process writes before it is killed, at most."""
PATIENCE = 120
"""Seconds until a process must have shown a sign of life."""

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
"""Writes its checkpoint in place, again and again."""


@dataclass(slots=True)
class KillTally:
    """What the kills did."""

    kills: int = 0
    lost: int = 0
    damaged: int = 0
    worst: int = 0
    """Most steps between the last that was recorded and the newest checkpoint."""
    finished: int = 0
    different: int = 0
    """Runs that did not end with the weights of one that was never killed."""


def measure(kills: int = 30, seed: int = 0) -> list[Figure]:
    """Kill and resume runs of the command line until there were so many kills; the control writes in place."""
    rng = np.random.default_rng(seed)
    with TemporaryDirectory() as folder:
        tally = _killed(Path(folder), kills, rng)
        torn = sum(_torn(Path(folder) / "naive.safetensors", rng) for _ in range(kills))
    told = f"{tally.kills} kills at random moments; runs that arrived at their end all the same: {tally.finished}"
    bound, by_checkpoint = EVERY + ROLLOUT, f"a checkpoint every {EVERY} steps, and a rollout"
    in_place = "one file, written in place, killed at random moments"
    return [
        none_of("runs lost", tally.lost, told, "runs"),
        none_of("damaged checkpoints", tally.damaged, "size and SHA-256 of all, after every kill", "checkpoints"),
        at_most("most training lost", tally.worst, "steps", bound, by_checkpoint, form=","),
        none_of("runs that end with other weights", tally.different, f"of {tally.finished}, tolerance 0", "runs"),
        at_least("checkpoints that a naive writer loses (control)", torn, f"of {kills}", 1, in_place),
    ]


def _killed(folder: Path, kills: int, rng: np.random.Generator) -> KillTally:
    path = folder / "killed.toml"
    config_file.save(path, CONFIG, ids=True)
    store, tally = RunStore(folder / "runs"), KillTally()
    _wait(_start(store, "run", str(path), "--name", "whole"), store, "whole", None)
    expected = _end(store.find("whole"))
    name = "killed 0"
    command: list[str] | None = ["run", str(path), "--name", name]
    while command is not None and tally.lost <= kills:
        process = _start(store, *command)
        is_last = tally.kills >= kills
        code = _wait(process, store, name, None if is_last else float(rng.uniform(0, LONGEST)))
        tally.kills += code is None
        tally.lost += code not in (None, 0)
        run = _verified(store, name, tally)
        if is_over := run is not None and run.state == "done":
            tally.finished += 1
            tally.different += _end(store.find(name)) != expected
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
    """Kill a process so many seconds after it has begun to write; return its exit code if it ended before.

    None leaves it alone.
    """
    with process:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline and not _is_writing(store, name):
            time.sleep(0.02)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE if seconds is None else seconds)
        code = process.poll()
        process.kill()
    return code


def _is_writing(store: RunStore, name: str) -> bool:
    try:
        return store.find(name).is_busy
    except BadInput:
        return False


def _verified(store: RunStore, name: str, tally: KillTally) -> Run | None:
    """Look at everything that a process left behind; None if its run is lost."""
    try:
        run = store.find(name)
        reached = max((event.step for event in run.replay()), default=0)
    except (BadInput, OSError):
        tally.lost += 1
        return None
    newest = 0
    for point in run.saves():
        try:
            run.load(point)
            newest = max(newest, point.step)
        except Damaged:
            tally.damaged += 1
    tally.worst = max(tally.worst, reached - newest)
    return run


def _end(run: Run) -> tuple[object, ...]:
    """Return the last weights and every loss term of a run."""
    arrays, _, step = run.checkpoint_at()
    terms = [(event.step, dict(event.terms)) for event in run.replay() if isinstance(event, Updated)]
    return step, {name: array.tobytes() for name, array in arrays.items()}, terms


def _torn(path: Path, rng: np.random.Generator) -> bool:
    """Kill a naive writer at a random moment; return whether its file is spoiled."""
    path.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-c", NAIVE, os.fspath(path)]) as process:
        deadline = time.monotonic() + PATIENCE
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.05 + float(rng.uniform(0, 0.1)))
        process.kill()
    try:
        load_file(path)
    except (OSError, SafetensorError):
        return True
    return False
