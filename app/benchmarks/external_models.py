"""Pretrained models with one defect each, which `model` and `run` must report before training starts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.benchmarks.reference.random_models import FAMILIES, draw_model
from agents.benchmarks.report.figure import Figure, none_of
from agents.benchmarks.report.progress import print_progress
from agents.benchmarks.robustness.corruption import picked
from app.benchmarks.command_line import TRACES, run_command
from app.benchmarks.model_defects import CONTROLS, DEFECTS, Defect, folder_rng

SMALL = (
    "learning.n_envs=2",
    "learning.n_steps=4",
    "evaluation.n_eval_episodes=1",
    "evaluation.eval_freq=0",
    "model.rank=2",
)
RUN = 'name = "guest"\n[[stages]]\ntask = "household/go-to"\nsteps = 8\n'


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """The outcome of a command on a model."""

    title: str
    """The defect and the command."""
    code: int
    message: str
    expected: str
    """The text that must be in the message, or several, separated by `|`, of which one must be."""

    @property
    def is_traceback(self) -> bool:
        """Whether an unexpected error was raised."""
        return any(trace in self.message for trace in TRACES)

    @property
    def is_silent(self) -> bool:
        """Whether the model was accepted, or refused without naming the defect."""
        is_named = any(name in self.message for name in self.expected.split("|"))
        return self.code == 0 or not is_named or "failed and is tried again" in self.message


def figures(models: int = 100, controls: int = 20, seed: int = 0) -> tuple[Figure, ...]:
    """Test `models` models with a defect and `controls` intact ones; return the numbers of wrong outcomes."""
    with TemporaryDirectory() as root:
        defective = list(_outcomes(Path(root), DEFECTS, models, seed))
        intact = list(_outcomes(Path(root), CONTROLS, controls, seed + 1))
    traces = [outcome for outcome in defective if outcome.is_traceback]
    silent = [outcome for outcome in defective if outcome.is_silent]
    refused = [outcome for outcome in intact if outcome.code]
    for outcome in (*traces, *silent, *refused):
        print_progress(f"{outcome.title}: {outcome.code} {outcome.message.strip()[-300:]}")
    source = f"{models} folders with one of {len(DEFECTS)} defects each, by `model` and by `run`"
    return (
        none_of("models: unforeseen errors", len(traces), source),
        none_of("models: silent", len(silent), f"{source}; the defect is not named"),
        none_of("models: sound ones refused", len(refused), f"{controls} without a defect"),
    )


def _outcomes(root: Path, kinds: Mapping[str, Defect], count: int, seed: int) -> Iterator[CommandOutcome]:
    """Create `count` folders with the defects in turn; run both commands on each."""
    names = list(kinds)
    for index in range(count):
        rng, name = folder_rng(seed, index), names[index % len(names)]
        folder = root / f"guest-{seed}-{index}"
        shutil.copytree(_intact(root, picked(list(FAMILIES), rng)), folder)
        expected = kinds[name](folder, rng)
        source = str(folder if folder.is_dir() else folder.with_suffix(".gguf"))
        for command, execute in COMMANDS.items():
            code, message = execute(source, root)
            yield CommandOutcome(f"{name}, {command}", code, message, expected)
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _intact(root: Path, family: str) -> Path:
    return draw_model(root / f"sound-{family}", family)


def _model(source: str, root: Path) -> tuple[int, str]:
    result = run_command(["model", source, "--json"])
    problem = json.loads(result.stdout)["problem"] if result.code < 2 and result.stdout else None
    return result.code, f"{problem or ''}{result.stderr}"


def _run(source: str, root: Path) -> tuple[int, str]:
    (root / "guest.toml").write_text(RUN)
    settings = [word for key in ("model.name=pretrained", f"model.source={source}", *SMALL) for word in ("--set", key)]
    result = run_command(["run", str(root / "guest.toml"), "--runs", str(root / "runs"), *settings])
    return result.code, result.stderr


COMMANDS: dict[str, Callable[[str, Path], tuple[int, str]]] = {"model": _model, "run": _run}
"""Functions from a model's source and a working folder to exit code and message."""
