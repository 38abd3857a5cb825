"""Weights on disk: safetensors beside JSON, so that a shared file cannot run code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from agents import codec
from agents.config_file import BadInput
from agents.disk import write_whole

Arrays = Mapping[str, NDArray[Any]]

_NAME = re.compile(r"step-(\d+)\.safetensors")


def keep(folder: Path, step: int, arrays: Arrays, about: Mapping[str, Any]) -> str:
    """Store `arrays` and the JSON data `about` them as they are at `step`; return the checkpoint's name.

    Each file appears whole or not at all, and the arrays last: a checkpoint that can be
    seen is complete.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"step-{step:09d}"
    write_whole(folder / f"{name}.json", codec.dumps(dict(about)).encode())
    # a 0-d array must stay one, which rules out numpy.ascontiguousarray
    plain = {key: np.require(array, requirements="C") for key, array in arrays.items()}
    write_whole(folder / f"{name}.safetensors", save(plain))
    return name


def steps(folder: Path) -> list[int]:
    """Return the steps at which there is a checkpoint, in order."""
    names = folder.iterdir() if folder.is_dir() else ()
    return sorted(int(match[1]) for path in names if (match := _NAME.fullmatch(path.name)))


def load(folder: Path, step: int) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and what was said about them. Raises `BadInput` if a file is damaged."""
    name = f"step-{step:09d}"
    try:
        about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return load_file(folder / f"{name}.safetensors"), about
    except (OSError, ValueError, SafetensorError) as error:
        raise BadInput(f"{folder / name}: the checkpoint cannot be read ({error})") from error


def drop_after(folder: Path, step: int) -> None:
    """Forget the checkpoints of a future that will be lived again."""
    for later in steps(folder):
        if later > step:
            for suffix in ("safetensors", "json"):
                (folder / f"step-{later:09d}.{suffix}").unlink(missing_ok=True)


def copy(source: Path, target: Path, step: int) -> None:
    """Copy the checkpoints up to `step` into another run."""
    for known in steps(source):
        if known <= step:
            target.mkdir(parents=True, exist_ok=True)
            for suffix in ("json", "safetensors"):  # the arrays last: they show that it is complete
                name = f"step-{known:09d}.{suffix}"
                write_whole(target / name, (source / name).read_bytes())
