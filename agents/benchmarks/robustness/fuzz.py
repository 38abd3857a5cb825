"""Spoilt and forged files: each is refused in one line or does no harm.

Curricula, agents, runs and full checkpoints are spoilt by chance and by malice, and opened
as the lab opens them. Goals: no error but the one that is meant for people, nothing written
outside, none that takes long. The control opens the same files naively.
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
from agents.benchmarks.robustness.corruption import PLAIN, Chance, picked, text, word
from agents.benchmarks.robustness.forged_content import ABSOLUTE, forged, rewrite_save
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
"""Seconds that opening a file may take."""
WARM = 0.2
"""Part of the files that may still enlarge the process."""
NAIVE = 100
"""Files that the control opens."""


@dataclass(slots=True)
class FuzzTally:
    """What came of opening spoilt files."""

    opened: int = 0
    refused: int = 0
    crashed: Counter[str] = field(default_factory=Counter)
    """Errors of another kind, or of several lines, with how often they came."""
    escaped: int = 0
    slowest: float = 0.0
    before: int = 0
    after: int = 0

    @property
    def total(self) -> int:
        """How many files were opened or tried."""
        return self.opened + self.refused + self.crashed.total()


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    """Sound files, and a folder to open spoilt ones in."""

    folder: Path
    curriculum: bytes
    agent: bytes
    run: bytes
    lived: Run

    @property
    def store(self) -> RunStore:
        """Where runs are taken in: several folders deep, so that what escapes is seen."""
        return RunStore(self.folder / "a" / "b" / "runs")


def measure(files: int = 10_000, checkpoints: int = 1_000, seed: int = 0) -> list[Figure]:
    """Open so many spoilt files and full checkpoints."""
    with TemporaryDirectory() as folder:
        prey = _prey(Path(folder))
        told = opened_all(prey, files, seed)
        saves = restored_all(prey, checkpoints, seed)
        naive = naively(prey, min(files, NAIVE), seed)
    grown, everywhere = (told.after - told.before) / 2**20, "every member written where its name says"
    return [
        *_figures("files", told),
        *_figures("checkpoints", saves),
        at_most("memory gained", round(grown, 1), "MB", 64, f"resident, over the last {1 - WARM:.0%} of the files"),
        at_least(
            "other errors of a naive reader (control)", naive.crashed.total(), f"of {naive.total}", 1, _said(naive)
        ),
        at_least("files a naive reader writes outside (control)", naive.escaped, "files", 1, everywhere),
    ]


def _figures(what: str, tally: FuzzTally) -> Iterator[Figure]:
    count = f"{tally.total:,} {what}: {tally.refused:,} refused in one line, {tally.opened:,} sound enough to open"
    crashes, slowest = tally.crashed.total(), round(tally.slowest, 3)
    yield none_of(f"spoilt {what} that raise another error", crashes, _said(tally) or count, what)
    yield none_of(f"written outside by {what}", tally.escaped, "the tree around, after each", "files")
    yield at_most(f"slowest of the {what}", slowest, "s", SLOW, "processor time of one")


def _said(tally: FuzzTally) -> str:
    return one_line("; ".join(f"{name} × {count}" for name, count in tally.crashed.most_common(5)))


def opened_all(prey: FuzzTarget, count: int, seed: int) -> FuzzTally:
    """Open spoilt curricula, agents and runs, half of them curricula."""
    rng, tally = np.random.default_rng([seed, 0]), FuzzTally()
    around = _around(prey)
    for number in range(count):
        path, open_ = spoilt(prey, number, rng)
        _judge(tally, lambda: open_(path))  # noqa: B023  called at once
        _tidy(prey, path)
        if _around(prey) != around:
            tally.escaped += 1
            around = _around(prey)
        if number == int(count * WARM):
            tally.before = _resident()
    tally.after = _resident()
    return tally


def spoilt(prey: FuzzTarget, number: int, rng: Chance) -> tuple[Path, Callable[[Path], object]]:
    """Write the next spoilt file; return it, and what opens it."""
    kind = number % 4
    if kind < 2:
        path, corrupt = prey.folder / "in.toml", picked((text, word, *PLAIN), rng)
        path.write_bytes(corrupt(prey.curriculum, rng))
        return path, config_file.load
    path, sound = prey.folder / f"in{SUFFIX}", (prey.agent, prey.run)[kind - 2]
    path.write_bytes((picked(PLAIN, rng) if rng.random() < 0.3 else forged)(sound, rng))
    if kind == 2:
        return path, agent_file.load
    return path, lambda file: run_file.import_run(file, prey.store)


def restored_all(prey: FuzzTarget, count: int, seed: int) -> FuzzTally:
    """Spoil the newest full checkpoint, or forge it, and go on from what is found whole."""
    rng, tally = np.random.default_rng([seed, 1]), FuzzTally()
    around = _around(prey)
    states = prey.lived.folder / "states"
    sound = {path: path.read_bytes() for path in sorted(states.iterdir())}
    newest = [path for path in sound if path.name.startswith(prey.lived.saves()[-1].name)]
    for _ in range(count):
        _corrupt_save(newest, rng)
        _judge(tally, lambda: _go_on(prey.lived))
        for path, content in sound.items():
            path.write_bytes(content)
        tally.escaped += _around(prey) != around
    return tally


def _corrupt_save(files: list[Path], rng: Chance) -> None:
    """Spoil one file by chance, or all three by design, with digests that fit."""
    members = {("manifest.json" if path.name.endswith(".manifest.json") else path.name): path for path in files}
    content = {name: path.read_bytes() for name, path in members.items()}
    if rng.random() < 0.5:
        name = picked(sorted(content), rng)
        content[name] = picked(PLAIN, rng)(content[name], rng)
    else:
        rewrite_save(content, rng)
    for name, path in members.items():
        path.write_bytes(content[name])


def _go_on(run: Run) -> object:
    """Restore the newest checkpoint, or the one before it where that is damaged. Raises ValueError."""
    saved = run.saved()
    trainer = Trainer(run.config)
    try:
        trainer.resume(None if saved.plain is None else join(saved.plain, saved.arrays))
    except ValueError as error:  # as `continuation` does
        raise BadInput(str(error)) from error
    if saved.notes:
        raise Damaged(saved.notes[0])
    return trainer


def naively(prey: FuzzTarget, count: int, seed: int) -> FuzzTally:
    """Open forged agents as somebody would who trusts them; the control."""
    rng, tally = np.random.default_rng([seed, 2]), FuzzTally()
    folder = prey.folder / "a" / "b" / "naive"
    for _ in range(count):
        archive = forged(prey.agent, rng)
        before = _around(prey)
        folder.mkdir()
        _judge(tally, lambda: _trust(archive, folder))  # noqa: B023  called at once
        shutil.rmtree(folder)
        tally.escaped += _around(prey) != before
    return tally


def _trust(content: bytes, folder: Path) -> object:
    with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings():
        for name in archive.namelist():
            if name.startswith("/"):
                continue  # even the control keeps to its own folder tree
            (folder / name).write_bytes(archive.read(name)[:1_000_000])
        about = json.loads(archive.read("about.json"))
        return about["agent"]["model"]["config"], load(archive.read("agent.safetensors"))


def _judge(tally: FuzzTally, attempt: Callable[[], object]) -> None:
    """Try; note what came of it and how long it took."""
    started = thread_time()
    try:
        attempt()
        tally.opened += 1
    except (BadInput, Damaged) as error:
        said = str(error)
        if said and said == one_line(said):
            tally.refused += 1
        else:
            tally.crashed[f"{type(error).__name__}: {said[:120]}"] += 1
    except Exception as error:  # noqa: BLE001  that none of another kind comes is what is measured
        tally.crashed[f"{type(error).__name__}: {str(error)[:120]}"] += 1
    tally.slowest = max(tally.slowest, thread_time() - started)


def _prey(folder: Path) -> FuzzTarget:
    """Live a short run, and share it."""
    curriculum, agent, whole = (folder / name for name in ("sound.toml", f"agent{SUFFIX}", f"run{SUFFIX}"))
    store = RunStore(folder / "lived")
    run, trainer = store.create(CONFIG), Trainer(CONFIG)
    trainer.store_in(run)
    for _ in run.record(trainer.run()):
        pass
    config_file.save(curriculum, CONFIG)
    agent_file.export(run, agent)
    run_file.export(run, whole)
    prey = FuzzTarget(folder, curriculum.read_bytes(), agent.read_bytes(), whole.read_bytes(), run)
    prey.store.root.mkdir(parents=True)
    return prey


def _tidy(prey: FuzzTarget, path: Path) -> None:
    """Remove the file, and a run that was sound enough to be taken in."""
    path.unlink()
    for folder in prey.store.root.iterdir():
        if not folder.name.startswith("."):
            shutil.rmtree(folder)


def _around(prey: FuzzTarget) -> frozenset[tuple[str, int]]:
    """Return every file of the tree with its size, and whether one lies where an absolute name leads."""
    files = ((str(path), path.stat().st_size if path.is_file() else 0) for path in prey.folder.rglob("*"))
    return frozenset([*files, (ABSOLUTE, int(Path(ABSOLUTE).exists()))])


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)
