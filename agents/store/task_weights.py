"""Per-task weights on disk: each distinct set once in a folder, named by its digest.

The weights of a finished task do not change any more, so all later checkpoints share one file.
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
"""Weights by task id; tasks with the same weights share one mapping."""
Names = Mapping[str, str]
"""The digest of each task's weights, by task id as a string."""

DIGEST = r"[0-9a-f]{64}"
_FILE = re.compile(rf"task-weights-({DIGEST})\.safetensors")


def file_name(digest: str) -> str:
    """Return the file name of per-task weights. Raises ValueError if `digest` is not a digest but, say, a path."""
    name = f"task-weights-{digest}.safetensors"
    if not _FILE.fullmatch(name):
        raise ValueError(f"{digest[:80]!r} is not a digest of per-task weights")
    return name


def packed(arrays: Arrays) -> bytes:
    """Encode arrays of any shape as the content of a safetensors file."""
    # numpy.ascontiguousarray would turn 0-d arrays into 1-d ones
    return save({name: np.require(array, requirements="C") for name, array in arrays.items()})


def store(folder: Path, task_arrays: ArraysByTask, disk: DurableWrite = DISK) -> Names:
    """Write the weights that are not stored yet; return the digests by task id. Raises OSError."""
    contents = {id(task_array): packed(task_array) for task_array in task_arrays.values()}
    digests = {key: sha256(content).hexdigest() for key, content in contents.items()}
    for key, content in contents.items():
        path = folder / file_name(digests[key])
        if not path.exists():
            write_whole(path, content, disk)
    return {str(task_id): digests[id(task_array)] for task_id, task_array in task_arrays.items()}


def load(folder: Path, names: Names) -> dict[int, Arrays]:
    """Return the weights that `store` wrote, by task id. Raises ValueError or OSError if a file is damaged."""
    loaded = {digest: unpacked(read(folder, digest)) for digest in set(names.values())}
    return {int(task_id): loaded[digest] for task_id, digest in names.items()}


def read(folder: Path, digest: str) -> bytes:
    """Return the content of a file of per-task weights. Raises ValueError if its digest differs, or OSError."""
    content = (folder / file_name(digest)).read_bytes()
    if sha256(content).hexdigest() != digest:
        raise ValueError(f"{file_name(digest)} is damaged: its SHA-256 differs")
    return content


def sweep(folder: Path, needed: Iterable[str]) -> None:
    """Delete all per-task weights whose digest is not in `needed`."""
    needed_files = {file_name(digest) for digest in needed}
    for path in folder.iterdir():
        if _FILE.fullmatch(path.name) and path.name not in needed_files:
            path.unlink(missing_ok=True)
