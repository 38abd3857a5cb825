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
"""Suffixes of the files. `TASK_WEIGHTS` names the per-task weights by task id; without any there is no such file."""
_FORMAT = 2
"""Version of what a checkpoint holds; another one is refused."""
_LARGEST = {ABOUT: 1 << 30, TASK_WEIGHTS: 1 << 30, WEIGHTS: 16 << 30}
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SafetensorError)
_NAME = re.compile(r"step-(\d+)")


def sealed(folder: Path, disk: DurableWrite = DISK) -> SealedFolder:
    """Return the checkpoints in a folder, as files that can be proven whole."""
    return SealedFolder(folder, _FORMAT, _LARGEST, disk)


def name_at(step: int) -> str:
    """Return what the checkpoint made at `step` is called."""
    return f"step-{step:09d}"


def keep(
    folder: Path,
    step: int,
    arrays: Arrays,
    about: Mapping[str, Any],
    disk: DurableWrite = DISK,
    task_arrays: ArraysByTask | None = None,
) -> str:
    """Store `arrays` and the JSON data `about` them as they are at `step`; return the checkpoint's name.

    Each file appears whole or not at all. Raises OSError, and leaves the others as they are.
    """
    ensure_folder(folder)
    contents = {ABOUT: codec.dumps(dict(about)).encode()}
    if task_arrays:
        contents[TASK_WEIGHTS] = json.dumps(task_weights.store(folder, task_arrays, disk)).encode()
    contents[WEIGHTS] = packed(arrays)
    files, name = sealed(folder, disk), name_at(step)
    if not files.has(name, contents):  # a stage may end right where weights were due
        files.write(name, contents)
    return name


def steps(folder: Path) -> list[int]:
    """Return the steps at which there is a checkpoint, in order."""
    return sorted(int(match[1]) for name in sealed(folder).names() if (match := _NAME.fullmatch(name)))


def load(folder: Path, step: int) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and what was said about them. Raises `BadInput` if a file is damaged."""
    files, name = sealed(folder), name_at(step)
    try:
        manifest = files.manifest(name)
        return unpacked(files.read(name, WEIGHTS, manifest)), json.loads(files.read(name, ABOUT, manifest))
    except _DAMAGE as error:
        raise BadInput(f"{folder / name}: the checkpoint cannot be read ({error})") from error


def task_arrays(folder: Path, step: int) -> dict[int, Arrays]:
    """Return all weights of those columns that wear others than the checkpoint's. Raises `BadInput` if damaged."""
    try:
        return task_weights.load(folder, task_array_digests(folder, step))
    except _DAMAGE as error:
        raise BadInput(f"{folder}: what tasks wear at step {step} cannot be read ({error})") from error


def task_array_digests(folder: Path, step: int) -> Names:
    """Return what each column wears. Raises ValueError and the like if that is damaged."""
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
    """Remove per-task weights that no checkpoint needs; none while it is not known which are needed."""
    try:
        needed = {digest for step in steps(folder) for digest in task_array_digests(folder, step).values()}
    except _DAMAGE:
        return
    task_weights.sweep(folder, needed)


def copy(source: Path, target: Path, step: int) -> None:
    """Copy the checkpoints up to `step` into another run."""
    for known in steps(source):
        if known <= step:
            target.mkdir(parents=True, exist_ok=True)
            for name in files(source, known):
                if (source / name).exists() and not (target / name).exists():  # per-task weights may be there already
                    write_whole(target / name, (source / name).read_bytes())


def files(folder: Path, step: int) -> list[str]:
    """Return the names of all files of a checkpoint, its manifest last."""
    name = name_at(step)
    try:
        worn = set(task_array_digests(folder, step).values())
        own = sealed(folder).files(name)
    except _DAMAGE:  # what it shares with others is not known any more
        worn, own = set(), [f"{name}.{suffix}" for suffix in (ABOUT, WEIGHTS, MANIFEST)]
    return [*sorted(map(task_weights.file_name, worn)), *own]
