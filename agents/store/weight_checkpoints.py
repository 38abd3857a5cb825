"""Weights on disk: safetensors beside JSON, so that a shared file cannot run code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as unpacked

from agents import codec
from agents.errors import BadInput
from agents.runtime.atomic_write import DISK, DurableWrite, ensure_folder, write_whole
from agents.store import task_weights
from agents.store.sealed_files import MANIFEST, SealedFolder
from agents.store.task_weights import Arrays, ArraysByTask, Names, packed

ABOUT, TASK_WEIGHTS, WEIGHTS = "json", "task_weights.json", "safetensors"
"""Suffixes of the files. `TASK_WEIGHTS` has the digests of the per-task weights by task id, if there are any."""
_FORMAT = 3
"""Version of the contents; others are refused."""
_LARGEST = {ABOUT: 1 << 30, TASK_WEIGHTS: 1 << 30, WEIGHTS: 16 << 30}
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SafetensorError)
_NAME = re.compile(r"step-(\d+)")


def sealed(folder: Path, disk: DurableWrite = DISK) -> SealedFolder:
    """Return the sealed files of the checkpoints in a folder."""
    return SealedFolder(folder, _FORMAT, _LARGEST, disk)


def name_at(step: int) -> str:
    """Return the name of the checkpoint at `step`."""
    return f"step-{step:09d}"


def keep(
    folder: Path,
    step: int,
    arrays: Arrays,
    about: Mapping[str, Any],
    disk: DurableWrite = DISK,
    task_arrays: ArraysByTask | None = None,
) -> str:
    """Store a checkpoint of `arrays`, by parameter name and of any shape, and JSON data `about` them; return its name.

    Each file is written atomically. Raises OSError, and leaves other checkpoints unchanged.
    """
    ensure_folder(folder)
    contents = {ABOUT: codec.dumps(dict(about)).encode()}
    if task_arrays:
        contents[TASK_WEIGHTS] = json.dumps(task_weights.store(folder, task_arrays, disk)).encode()
    contents[WEIGHTS] = packed(arrays)
    files, name = sealed(folder, disk), name_at(step)
    if not files.has(name, contents):  # the end of a stage may coincide with an interval
        files.write(name, contents)
    return name


def steps(folder: Path) -> list[int]:
    """Return the steps of all checkpoints, in order."""
    return sorted(int(match[1]) for name in sealed(folder).names() if (match := _NAME.fullmatch(name)))


def load(folder: Path, step: int) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays, each of its parameter's shape, and the JSON data. Raises `BadInput` if a file is damaged."""
    files, name = sealed(folder), name_at(step)
    try:
        manifest = files.manifest(name)
        return unpacked(files.read(name, WEIGHTS, manifest)), json.loads(files.read(name, ABOUT, manifest))
    except _DAMAGE as error:
        raise BadInput(f"{folder / name}: the checkpoint cannot be read ({error})") from error


def task_arrays(folder: Path, step: int) -> dict[int, Arrays]:
    """Load the per-task weights of a checkpoint, by task id. Raises `BadInput` if they are damaged."""
    try:
        return task_weights.load(folder, task_array_digests(folder, step))
    except _DAMAGE as error:
        raise BadInput(f"{folder}: the per-task weights at step {step} cannot be read ({error})") from error


def task_array_digests(folder: Path, step: int) -> Names:
    """Return the digests of the per-task weights, by task id. Raises one of `_DAMAGE` if a file is damaged."""
    files, name = sealed(folder), name_at(step)
    manifest = files.manifest(name)
    names: Names = json.loads(files.read(name, TASK_WEIGHTS, manifest)) if TASK_WEIGHTS in manifest.files else {}
    for digest in names.values():
        task_weights.file_name(digest)
    return names


def drop_after(folder: Path, step: int) -> None:
    """Delete checkpoints later than `step`, before training continues from it."""
    for later in steps(folder):
        if later > step:
            sealed(folder).remove(name_at(later), _LARGEST)
    if folder.is_dir():
        _sweep(folder)


def _sweep(folder: Path) -> None:
    """Delete per-task weights that no checkpoint needs; none if a checkpoint can't be read."""
    try:
        needed = {digest for step in steps(folder) for digest in task_array_digests(folder, step).values()}
    except _DAMAGE:
        return
    task_weights.sweep(folder, needed)


def copy(source: Path, target: Path, step: int) -> None:
    """Copy the weight checkpoints up to `step` from one run's folder to another's."""
    for saved in steps(source):
        if saved <= step:
            target.mkdir(parents=True, exist_ok=True)
            for name in files(source, saved):
                if (source / name).exists() and not (target / name).exists():  # per-task weights are shared
                    write_whole(target / name, (source / name).read_bytes())


def files(folder: Path, step: int) -> list[str]:
    """Return the names of all files of a checkpoint, its manifest last."""
    name = name_at(step)
    try:
        digests = set(task_array_digests(folder, step).values())
        own = sealed(folder).files(name)
    except _DAMAGE:  # the digests of its per-task weights are unknown
        digests, own = set(), [f"{name}.{suffix}" for suffix in (ABOUT, WEIGHTS, MANIFEST)]
    return [*sorted(map(task_weights.file_name, digests)), *own]
