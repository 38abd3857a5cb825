"""Weights on disk: safetensors beside JSON, so that a shared file cannot run code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as unpacked
from safetensors.numpy import save

from agents import codec
from agents.config_file import BadInput
from agents.disk import DISK, Disk, write_whole

Arrays = Mapping[str, NDArray[Any]]

_NAME = re.compile(r"step-(\d+)\.safetensors")


def keep(folder: Path, step: int, arrays: Arrays, about: Mapping[str, Any], disk: Disk = DISK) -> str:
    """Store `arrays` and the JSON data `about` them as they are at `step`; return the checkpoint's name.

    Each file appears whole or not at all, and the arrays last: a checkpoint that can be
    seen is complete. Raises OSError, and leaves the others as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"step-{step:09d}"
    # a 0-d array must stay one, which rules out numpy.ascontiguousarray
    plain = {key: np.require(array, requirements="C") for key, array in arrays.items()}
    files = {"json": codec.dumps(dict(about)).encode(), "safetensors": save(plain)}
    manifest = {suffix: [len(content), sha256(content).hexdigest()] for suffix, content in files.items()}
    if step in steps(folder) and _is_written(folder / f"{name}.manifest.json", manifest):
        return name
    for suffix, content in {"manifest.json": json.dumps(manifest).encode(), **files}.items():
        write_whole(folder / f"{name}.{suffix}", content, disk)
    return name


def steps(folder: Path) -> list[int]:
    """Return the steps at which there is a checkpoint, in order."""
    names = folder.iterdir() if folder.is_dir() else ()
    return sorted(int(match[1]) for path in names if (match := _NAME.fullmatch(path.name)))


def load(folder: Path, step: int) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and what was said about them. Raises `BadInput` if a file is damaged."""
    name = f"step-{step:09d}"
    try:
        manifest = _manifest(folder / f"{name}.manifest.json")
        about, arrays = (_verified(folder / f"{name}.{suffix}", manifest) for suffix in ("json", "safetensors"))
        return unpacked(arrays), json.loads(about)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, SafetensorError) as error:
        raise BadInput(f"{folder / name}: the checkpoint cannot be read ({error})") from error


def _is_written(path: Path, manifest: Mapping[str, Any]) -> bool:
    """Tell whether the very same was kept before: a stage may end right where weights were due."""
    try:
        return _manifest(path) == manifest
    except (OSError, ValueError, RecursionError):
        return False


def _manifest(path: Path) -> Mapping[str, Any] | None:
    """Return size and SHA-256 of each file; None for a checkpoint of an older version, which noted none."""
    if not path.exists():
        return None
    found = json.loads(path.read_bytes())
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} is no manifest")
    return found


def _verified(path: Path, manifest: Mapping[str, Any] | None) -> bytes:
    content = path.read_bytes()
    if manifest is not None and [len(content), sha256(content).hexdigest()] != manifest[path.name.partition(".")[2]]:
        raise ValueError(f"{path.name} is not what was written")
    return content


def drop_after(folder: Path, step: int) -> None:
    """Forget the checkpoints of a future that will be lived again."""
    for later in steps(folder):
        if later > step:
            for suffix in ("safetensors", "json", "manifest.json"):
                (folder / f"step-{later:09d}.{suffix}").unlink(missing_ok=True)


def copy(source: Path, target: Path, step: int) -> None:
    """Copy the checkpoints up to `step` into another run."""
    for known in steps(source):
        if known <= step:
            target.mkdir(parents=True, exist_ok=True)
            for suffix in ("manifest.json", "json", "safetensors"):  # the arrays last: they show that it is complete
                name = f"step-{known:09d}.{suffix}"
                if (source / name).exists():  # older versions wrote no manifest
                    write_whole(target / name, (source / name).read_bytes())
