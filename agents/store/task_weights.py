"""Per-task weights on disk: each distinct set once in a folder, named by its digest.

What a finished task wears stays the same, so a hundred checkpoints share one file of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as unpacked
from safetensors.numpy import save

from agents.runtime.atomic_write import DISK, DurableWrite, write_whole

Arrays = Mapping[str, NDArray[Any]]
ArraysByTask = Mapping[int, Arrays]
"""Weights by column; columns that wear the same share one mapping."""
Names = Mapping[str, str]
"""Of each column, as a text, the digest of what it wears."""

DIGEST = r"[0-9a-f]{64}"
_FILE = re.compile(rf"task-weights-({DIGEST})\.safetensors")


def file_name(digest: str) -> str:
    """Return what the file of per-task weights is called. Raises ValueError if `digest` is none: it must be no path."""
    name = f"task-weights-{digest}.safetensors"
    if not _FILE.fullmatch(name):
        raise ValueError(f"{digest[:80]!r} names no per-task weights")
    return name


def packed(arrays: Arrays) -> bytes:
    """Return arrays as the content of a safetensors file."""
    # a 0-d array must stay one, which rules out numpy.ascontiguousarray
    return save({name: np.require(array, requirements="C") for name, array in arrays.items()})


def store(folder: Path, task_arrays: ArraysByTask, disk: DurableWrite = DISK) -> Names:
    """Write what is not there yet; return which is whose. Raises OSError."""
    contents = {id(task_array): packed(task_array) for task_array in task_arrays.values()}
    digests = {key: sha256(content).hexdigest() for key, content in contents.items()}
    for key, content in contents.items():
        path = folder / file_name(digests[key])
        if not path.exists():
            write_whole(path, content, disk)
    return {str(task_id): digests[id(task_array)] for task_id, task_array in task_arrays.items()}


def load(folder: Path, names: Names) -> dict[int, Arrays]:
    """Return what `store` was given. Raises ValueError or OSError unless every file is what was written."""
    found = {digest: unpacked(read(folder, digest)) for digest in set(names.values())}
    return {int(task_id): found[digest] for task_id, digest in names.items()}


def read(folder: Path, digest: str) -> bytes:
    """Return the content of a file of per-task weights. Raises ValueError if its digest differs, and OSError."""
    content = (folder / file_name(digest)).read_bytes()
    if sha256(content).hexdigest() != digest:
        raise ValueError(f"{file_name(digest)} is not what was written")
    return content


def sweep(folder: Path, needed: Iterable[str]) -> None:
    """Remove all per-task weights but those that are needed."""
    kept = {file_name(digest) for digest in needed}
    for path in folder.iterdir():
        if _FILE.fullmatch(path.name) and path.name not in kept:
            path.unlink(missing_ok=True)
