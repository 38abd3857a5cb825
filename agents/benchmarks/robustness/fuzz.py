"""Do corrupted and forged files fail with a one-line error, or open without harm?

Curricula, agents, runs and full checkpoints are corrupted at random or forged on purpose, and opened as the lab opens
them. Goals: no error but one-line user errors, no file written outside the folder, and no slow file. The control opens
the same agents without any checks.
"""

from __future__ import annotations

import gc
import io
import json
import shutil
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time

import numpy as np
import psutil
from safetensors.numpy import load

from agents.benchmarks.report.figure import Figure, at_least, at_most, none_of
from agents.benchmarks.robustness.corruption import ANY_FILE, picked, with_bad_text, with_bad_value
from agents.benchmarks.robustness.forged_content import ABSOLUTE, forge_checkpoint, forged
from agents.config import RunConfig, config_file
from agents.config.agent import ModelConfig
from agents.config.learning import CheckpointConfig, EvaluationConfig, LearningConfig
from agents.errors import BadInput, one_line
from agents.sharing import agent_file, run_file
from agents.sharing.archive_limits import SUFFIX
from agents.state_tree import join
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.store.sealed_files import Damaged
from agents.training.trainer import Trainer
from envs.curriculum import Stage

CONFIG = RunConfig(
    name="Spoilt",
    stages=(Stage(task="household/go-to", steps=256), Stage(task="mirror/go-to", steps=128)),
    model=ModelConfig(layers=1, width=16, heads=2),
    learning=LearningConfig(n_envs=4, n_steps=8),
    evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=0),
    checkpoint=CheckpointConfig(save_steps=128, max_time_share=1),
)
SLOW = 1.0
"""Maximum seconds of processor time for one file."""
WARM_UP = 0.2
"""Share of the files after which memory growth is measured."""
CONTROL_FILES = 100
"""Files that the control opens, at most."""


@dataclass(slots=True)
class FuzzTally:
    """Counts of the outcomes of opening files."""

    opened: int = 0
    refused: int = 0
    crashed: Counter[str] = field(default_factory=Counter)
    """Errors of another type, or of several lines, with their frequencies."""
    escaped: int = 0
    """Files that changed something outside of the folder of runs."""
    slowest: float = 0.0
    memory_before: int = 0
    memory_after: int = 0

    @property
    def total(self) -> int:
        """Number of files."""
        return self.opened + self.refused + self.crashed.total()

    @property
    def errors(self) -> str:
        """The most frequent errors in one line."""
        return one_line("; ".join(f"{name} × {count}" for name, count in self.crashed.most_common(5)))


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    """Intact files, and a folder in which corrupted ones are opened."""

    folder: Path
    curriculum: bytes
    agent: bytes
    run: bytes
    finished_run: Run

    @property
    def store(self) -> RunStore:
        """Store of imported runs; several folders deep, so that files that escape it stay inside `folder`."""
        return RunStore(self.folder / "a" / "b" / "runs")

    def listing(self) -> frozenset[tuple[str, int]]:
        """Return all files below `folder` with their sizes, and whether the absolute path of a forgery exists."""
        files = ((str(path), path.stat().st_size if path.is_file() else 0) for path in self.folder.rglob("*"))
        return frozenset([*files, (ABSOLUTE, int(Path(ABSOLUTE).exists()))])


def measure(files: int = 10_000, checkpoints: int = 1_000, seed: int = 0) -> list[Figure]:
    """Open `files` corrupted files and restore `checkpoints` corrupted full checkpoints."""
    with TemporaryDirectory() as folder:
        target = _create_target(Path(folder))
        opened = open_files(target, files, seed)
        restored = restore_checkpoints(target, checkpoints, seed)
        naive = open_naively(target, min(files, CONTROL_FILES), seed)
    growth, everywhere = (
        (opened.memory_after - opened.memory_before) / 2**20,
        "every member written where its name says",
    )
    resident, crashes = f"resident, over the last {1 - WARM_UP:.0%} of the files", naive.crashed.total()
    return [
        *_figures("files", opened),
        *_figures("checkpoints", restored),
        at_most("memory gained", round(growth, 1), "MB", 64, resident),
        at_least("other errors of a naive reader (control)", crashes, f"of {naive.total}", 1, naive.errors),
        at_least("files a naive reader writes outside (control)", naive.escaped, "files", 1, everywhere),
    ]


def _figures(kind: str, tally: FuzzTally) -> Iterator[Figure]:
    count = f"{tally.total:,} {kind}: {tally.refused:,} refused in one line, {tally.opened:,} valid enough to open"
    crashes, slowest = tally.crashed.total(), round(tally.slowest, 3)
    yield none_of(f"corrupted {kind} that raise another error", crashes, tally.errors or count, kind)
    yield none_of(f"written outside by {kind}", tally.escaped, "the tree around, after each", "files")
    yield at_most(f"slowest of the {kind}", slowest, "s", SLOW, "processor time of one")


def open_files(target: FuzzTarget, count: int, seed: int) -> FuzzTally:
    """Open corrupted files: half of them curricula, the others agents and runs."""
    rng, tally = np.random.default_rng([seed, 0]), FuzzTally()
    listing = target.listing()
    for number in range(count):
        path, open_ = write_corrupted(target, number, rng)
        _attempt(tally, lambda: open_(path))  # noqa: B023  called at once
        _clean_up(target, path)
        if target.listing() != listing:
            tally.escaped += 1
            listing = target.listing()
        if number == int(count * WARM_UP):
            tally.memory_before = _resident()
    tally.memory_after = _resident()
    return tally


def write_corrupted(target: FuzzTarget, number: int, rng: np.random.Generator) -> tuple[Path, Callable[[Path], object]]:
    """Write the next corrupted file; return its path and the function that opens it."""
    kind = number % 4
    if kind < 2:
        path, corrupt = target.folder / "in.toml", picked((with_bad_text, with_bad_value, *ANY_FILE), rng)
        path.write_bytes(corrupt(target.curriculum, rng))
        return path, config_file.load
    path, content = target.folder / f"in{SUFFIX}", (target.agent, target.run)[kind - 2]
    path.write_bytes((picked(ANY_FILE, rng) if rng.random() < 0.3 else forged)(content, rng))
    if kind == 2:
        return path, agent_file.load
    return path, lambda file: run_file.import_run(file, target.store)


def restore_checkpoints(target: FuzzTarget, count: int, seed: int) -> FuzzTally:
    """Corrupt or forge the newest full checkpoint, and resume the run from the newest intact one."""
    rng, tally = np.random.default_rng([seed, 1]), FuzzTally()
    listing, run = target.listing(), target.finished_run
    intact = {path: path.read_bytes() for path in sorted((run.folder / "states").iterdir())}
    newest = [path for path in intact if path.name.startswith(run.saves()[-1].name)]
    for _ in range(count):
        _corrupt_checkpoint(newest, rng)
        _attempt(tally, lambda: _resume(run))
        for path, content in intact.items():
            path.write_bytes(content)
        tally.escaped += target.listing() != listing
    return tally


def _corrupt_checkpoint(files: list[Path], rng: np.random.Generator) -> None:
    """Corrupt one of the three files at random, or forge them with matching digests."""
    members = {("manifest.json" if path.name.endswith(".manifest.json") else path.name): path for path in files}
    content = {name: path.read_bytes() for name, path in members.items()}
    if rng.random() < 0.5:
        name = picked(sorted(content), rng)
        content[name] = picked(ANY_FILE, rng)(content[name], rng)
    else:
        forge_checkpoint(content, rng)
    for name, path in members.items():
        path.write_bytes(content[name])


def _resume(run: Run) -> object:
    """Restore the newest checkpoint, or the one before it if that is damaged. Raises ValueError."""
    saved = run.saved()
    trainer = Trainer(run.config)
    try:
        trainer.resume(None if saved.plain is None else join(saved.plain, saved.arrays))
    except ValueError as error:  # as `continuation` does
        raise BadInput(str(error)) from error
    if saved.notes:
        raise Damaged(saved.notes[0])
    return trainer


def open_naively(target: FuzzTarget, count: int, seed: int) -> FuzzTally:
    """Open forged agents without any checks: the control."""
    rng, tally = np.random.default_rng([seed, 2]), FuzzTally()
    folder = target.folder / "a" / "b" / "naive"
    for _ in range(count):
        archive = forged(target.agent, rng)
        listing = target.listing()
        folder.mkdir()
        _attempt(tally, lambda: _extract(archive, folder))  # noqa: B023  called at once
        shutil.rmtree(folder)
        tally.escaped += target.listing() != listing
    return tally


def _extract(content: bytes, folder: Path) -> object:
    with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings():
        for name in archive.namelist():
            if name.startswith("/"):
                continue  # even the control stays inside its own folder tree
            (folder / name).write_bytes(archive.read(name)[:1_000_000])
        about = json.loads(archive.read("about.json"))
        return about["agent"]["model"]["config"], load(archive.read("agent.safetensors"))


def _attempt(tally: FuzzTally, function: Callable[[], object]) -> None:
    """Call `function`; count its outcome and its time."""
    started = thread_time()
    try:
        function()
        tally.opened += 1
    except Exception as error:  # noqa: BLE001  that no other error is raised is what is measured
        message = str(error)
        if isinstance(error, BadInput | Damaged) and message and message == one_line(message):
            tally.refused += 1
        else:
            tally.crashed[f"{type(error).__name__}: {message[:120]}"] += 1
    tally.slowest = max(tally.slowest, thread_time() - started)


def _create_target(folder: Path) -> FuzzTarget:
    """Execute a short run, and export it and its agent."""
    curriculum, agent, archive = (folder / name for name in ("sound.toml", f"agent{SUFFIX}", f"run{SUFFIX}"))
    run, trainer = RunStore(folder / "intact").create(CONFIG), Trainer(CONFIG)
    trainer.store_in(run)
    for _ in run.record(trainer.run()):
        pass
    config_file.save(curriculum, CONFIG)
    agent_file.export(run, agent)
    run_file.export(run, archive)
    target = FuzzTarget(folder, curriculum.read_bytes(), agent.read_bytes(), archive.read_bytes(), run)
    target.store.root.mkdir(parents=True)
    return target


def _clean_up(target: FuzzTarget, path: Path) -> None:
    """Delete the file, and the run if it was imported."""
    path.unlink()
    for folder in target.store.root.iterdir():
        if not folder.name.startswith("."):
            shutil.rmtree(folder)


def _resident() -> int:
    """Return the resident memory of this process in bytes, after garbage collection."""
    gc.collect()
    return int(psutil.Process().memory_info().rss)
