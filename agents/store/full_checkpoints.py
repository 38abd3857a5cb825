"""Full checkpoints: the complete state of a run, in files that are checked for damage before they are loaded.

A full checkpoint is three sealed files: arrays (safetensors), everything else (JSON), and their manifest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from agents import codec
from agents.runtime.atomic_write import DISK, DurableWrite
from agents.store.checkpoint_contents import Checkpoint
from agents.store.sealed_files import MANIFEST, AnotherVersion, Damaged, SealedFolder
from agents.store.task_weights import Arrays, packed

ARRAYS, REST = "safetensors", "json"
RECENT = 3
"""Number of newest checkpoints that are not deleted; those at the end of a stage are never deleted."""
_FORMAT = 4
"""Version of the contents; others are refused."""
_NAME = re.compile(r"state-(\d{1,18})-(\d{1,18})")
_LARGEST = {ARRAYS: 16 << 30, REST: 1 << 30}
"""Maximum bytes read of a file."""
_ARRAY_KEY = "$array"
_PIECE_DEPTH = 5
"""Depth down to which tables are encoded in pieces: one long call of `json` would block every other thread."""
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, SafetensorError)


@dataclass(frozen=True, slots=True)
class CheckpointPosition:
    """The position of a full checkpoint in its run."""

    step: int
    sequence: int
    """Number of events recorded before it."""
    lasting: bool = False
    """True at the end of a stage: the checkpoint is never deleted to save space."""

    @property
    def name(self) -> str:
        """The name of its files."""
        return f"state-{self.step:09d}-{self.sequence:09d}"


@dataclass(frozen=True, slots=True)
class FullCheckpoint:
    """A loaded, undamaged full checkpoint."""

    point: CheckpointPosition
    arrays: dict[str, NDArray[Any]]
    plain: Checkpoint | None
    """None at the start of a run, where nothing was saved."""
    notes: tuple[str, ...] = field(default=())
    """One line for each newer checkpoint that is damaged."""


class FullCheckpoints:
    """The full checkpoints of one run, in a folder."""

    def __init__(self, folder: Path, disk: DurableWrite = DISK) -> None:
        self.folder, self._disk = folder, disk
        self._files = SealedFolder(folder, _FORMAT, _LARGEST, disk)

    def points(self) -> list[CheckpointPosition]:
        """Return the positions of all checkpoints, oldest first, from their file names."""
        matches = [match for name in self._files.names() if (match := _NAME.fullmatch(name))]
        return sorted(
            (CheckpointPosition(int(match[1]), int(match[2])) for match in matches), key=lambda point: point.sequence
        )

    def write(self, point: CheckpointPosition, arrays: Arrays, plain: Checkpoint) -> str:
        """Store a checkpoint and delete old ones; return its name. Raises OSError, and then deletes none."""
        contents = {ARRAYS: packed(arrays), REST: encoded(plain)}
        self._files.write(point.name, contents, is_lasting=point.lasting)
        self._prune()
        return point.name

    def load(self, point: CheckpointPosition) -> FullCheckpoint:
        """Read one checkpoint. Raises `Damaged`, or `AnotherVersion` if its format is not this version's."""
        try:
            manifest = self._files.manifest(point.name)
            plain = json.loads(self._files.read(point.name, REST, manifest))
            arrays = load(self._files.read(point.name, ARRAYS, manifest))
            if set(arrays) != set(_array_names(plain)):
                raise Damaged("its arrays are not those that its JSON data names")
            return FullCheckpoint(CheckpointPosition(point.step, point.sequence, manifest.is_lasting), arrays, plain)
        except AnotherVersion:
            raise
        except _DAMAGE as error:
            raise Damaged(f"checkpoint {point.name} is damaged ({error})") from error

    def newest(self, step: int | None = None, sequence: int | None = None) -> FullCheckpoint:
        """Return the newest undamaged checkpoint no later than `step` and `sequence`.

        If there is none, return the start of the run, whose `plain` is None. Raises `AnotherVersion`
        if there are only checkpoints of other versions.
        """
        notes: list[str] = []
        other: AnotherVersion | None = None
        for point in reversed(self.points()):
            if (step is not None and point.step > step) or (sequence is not None and point.sequence > sequence):
                continue
            try:
                loaded = self.load(point)
            except AnotherVersion as error:
                other = other or error
                notes.append(str(error))
            except Damaged as damage:
                notes.append(str(damage))
            else:
                return FullCheckpoint(loaded.point, loaded.arrays, loaded.plain, tuple(notes))
        if other is not None:
            raise other
        return FullCheckpoint(CheckpointPosition(0, 0), {}, None, tuple(notes))

    def drop_after(self, sequence: int) -> None:
        """Delete the checkpoints after the first `sequence` events, before training continues from there."""
        for point in self.points():
            if point.sequence > sequence:
                self._drop(point)

    def adopt(self, other: FullCheckpoints, point: CheckpointPosition) -> None:
        """Copy a checkpoint of another run. Raises OSError."""
        other._files.copy(point.name, self._files)

    def files(self, point: CheckpointPosition) -> list[str]:
        """Return the names of the files of a checkpoint, its manifest last, whether or not they exist."""
        return [f"{point.name}.{suffix}" for suffix in (ARRAYS, REST, MANIFEST)]

    def _prune(self) -> None:
        """Delete old checkpoints that are not lasting, and files that a crash left incomplete."""
        points = self.points()
        for point in points[:-RECENT]:
            if not self._is_lasting(point):
                self._drop(point)
        valid = {point.name for point in points}
        for path in self.folder.iterdir():
            if path.name.lstrip(".").split(".")[0] not in valid:
                self._disk.remove(path)

    def _is_lasting(self, point: CheckpointPosition) -> bool:
        try:
            return self._files.manifest(point.name).is_lasting
        except (OSError, ValueError):
            return False

    def _drop(self, point: CheckpointPosition) -> None:
        self._files.remove(point.name, _LARGEST)


def _array_names(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if _ARRAY_KEY in tree:
            yield tree[_ARRAY_KEY]
        else:
            for part in tree.values():
                if isinstance(part, dict | list):
                    yield from _array_names(part)
    elif isinstance(tree, list):
        for part in tree:
            if isinstance(part, dict | list):
                yield from _array_names(part)


def encoded(plain: Any) -> bytes:
    """Encode JSON data as bytes."""
    return "".join(_pieces(plain)).encode()


def _pieces(tree: Any, depth: int = 0) -> Iterator[str]:
    """Yield the JSON text in short pieces."""
    if depth >= _PIECE_DEPTH or not isinstance(tree, dict | list | tuple):
        yield codec.dumps(tree)
        return
    keyed = isinstance(tree, dict)
    parts = tree.values() if isinstance(tree, dict) else tree
    keys = [f"{json.dumps(str(key))}:" for key in tree] if keyed else [""] * len(tree)
    yield "{" if keyed else "["
    for index, (key, part) in enumerate(zip(keys, parts, strict=True)):
        yield f",{key}" if index else key
        yield from _pieces(part, depth + 1)
    yield "}" if keyed else "]"
