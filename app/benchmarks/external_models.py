"""Pretrained models with one defect each, which `model` and `run` must report before they start."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.benchmarks.reference.random_models import FAMILIES, draw_model
from agents.benchmarks.report.figure import Figure, none_of
from agents.benchmarks.robustness.corruption import picked
from app.benchmarks.model_defects import CONTROLS, DEFECTS, Defect, rng_of
from app.cli.commands import main

SMALL = (
    "learning.n_envs=2",
    "learning.n_steps=4",
    "evaluation.n_eval_episodes=1",
    "evaluation.eval_freq=0",
    "model.rank=2",
)
RUN = 'name = "guest"\n[[stages]]\ntask = "household/go-to"\nsteps = 8\n'
TRACES = ("Traceback", "PALIMPSEST_DEBUG")
"""What an error that nobody foresaw leaves behind."""


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """What a command came to."""

    what: str
    """The defect, and the command."""
    code: int
    said: str
    named: str
    """What had to be named."""

    @property
    def is_traceback(self) -> bool:
        """Whether an error came through that nobody foresaw."""
        return any(trace in self.said for trace in TRACES)

    @property
    def is_silent(self) -> bool:
        """Whether the model was taken, or refused without saying what is wrong with it."""
        is_named = any(name in self.said for name in self.named.split("|"))
        return self.code == 0 or not is_named or "failed and is tried again" in self.said


def figures(models: int = 100, controls: int = 20, seed: int = 0) -> tuple[Figure, ...]:
    """Return how many of so many spoilt models, and of sound ones, were told wrongly."""
    with TemporaryDirectory() as root:
        spoilt = list(_tried(Path(root), DEFECTS, models, seed))
        sound = list(_tried(Path(root), CONTROLS, controls, seed + 1))
    traces = [each for each in spoilt if each.is_traceback]
    silent = [each for each in spoilt if each.is_silent]
    refused = [each for each in sound if each.code]
    for each in (*traces, *silent, *refused):
        print(f"{each.what}: {each.code} {each.said.strip()[-300:]}", file=sys.stderr, flush=True)
    how = f"{models} folders with one of {len(DEFECTS)} defects each, by `model` and by `run`"
    return (
        none_of("models: unforeseen errors", len(traces), how),
        none_of("models: silent", len(silent), f"{how}; what is wrong is not named"),
        none_of("models: sound ones refused", len(refused), f"{controls} without a defect"),
    )


def _tried(root: Path, kinds: Mapping[str, Defect], count: int, seed: int) -> Iterator[CommandOutcome]:
    """Spoil so many folders, each kind as often as the others, and ask both commands."""
    names = list(kinds)
    for place in range(count):
        rng, name = rng_of(seed, place), names[place % len(names)]
        folder = root / f"guest-{seed}-{place}"
        shutil.copytree(_sound(root, picked(list(FAMILIES), rng)), folder)
        named = kinds[name](folder, rng)
        source = str(folder if folder.is_dir() else folder.with_suffix(".gguf"))
        for command, ask in ASKED.items():
            code, said = ask(source, root)
            yield CommandOutcome(f"{name}, {command}", code, said, named)
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _sound(root: Path, family: str) -> Path:
    return draw_model(root / f"sound-{family}", family)


def _model(source: str, root: Path) -> tuple[int, str]:
    code, out, err = _obeyed(["model", source, "--json"])
    problem = json.loads(out)["problem"] if code < 2 and out else None
    return code, f"{problem or ''}{err}"


def _run(source: str, root: Path) -> tuple[int, str]:
    (root / "guest.toml").write_text(RUN)
    settings = [word for key in ("model.name=pretrained", f"model.source={source}", *SMALL) for word in ("--set", key)]
    code, _, err = _obeyed(["run", str(root / "guest.toml"), "--runs", str(root / "runs"), *settings])
    return code, err


def _obeyed(arguments: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


ASKED: dict[str, Callable[[str, Path], tuple[int, str]]] = {"model": _model, "run": _run}
