"""Full checkpoints: all that a run needs to go on, in files that are proven whole before they are believed.

A save is three sealed files: arrays (safetensors), everything else (JSON), and their manifest.
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
KEPT = 3
"""The newest saves that are kept, besides those of every stage's end."""
_FORMAT = 3
"""Version of what a save holds; another one is refused."""
_NAME = re.compile(r"state-(\d{1,18})-(\d{1,18})")
_LARGEST = {ARRAYS: 16 << 30, REST: 1 << 30}
"""Bytes that are read of a file, at most."""
_MARK = "$array"
_DEEP = 5
"""Tables are encoded in pieces down to here: one long call would hold up every other thread."""
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, SafetensorError)


@dataclass(frozen=True, slots=True)
class CheckpointPosition:
    """Where in its run a save was made."""

    step: int
    sequence: int
    """How many events had been recorded."""
    lasting: bool = False
    """Made at a stage's end: never thinned out."""

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"state-{self.step:09d}-{self.sequence:09d}"


@dataclass(frozen=True, slots=True)
class FullCheckpoint:
    """A save that was read and found whole."""

    point: CheckpointPosition
    arrays: dict[str, NDArray[Any]]
    plain: Checkpoint | None
    """None at the very beginning of a run, where nothing was saved."""
    notes: tuple[str, ...] = field(default=())
    """What is wrong with newer ones, a line each."""


class FullCheckpoints:
    """The full checkpoints of one run, in a folder."""

    def __init__(self, folder: Path, disk: DurableWrite = DISK) -> None:
        self.folder, self._disk = folder, disk
        self._files = SealedFolder(folder, _FORMAT, _LARGEST, disk)

    def points(self) -> list[CheckpointPosition]:
        """Return where there are saves, oldest first, as their names tell."""
        found = [match for name in self._files.names() if (match := _NAME.fullmatch(name))]
        return sorted(
            (CheckpointPosition(int(match[1]), int(match[2])) for match in found), key=lambda point: point.sequence
        )

    def write(self, point: CheckpointPosition, arrays: Arrays, plain: Checkpoint) -> str:
        """Store a save and thin the older ones out; return its name. Raises OSError, and leaves the older ones."""
        contents = {ARRAYS: packed(arrays), REST: encoded(plain)}
        self._files.write(point.name, contents, is_lasting=point.lasting)
        self._thin()
        return point.name

    def load(self, point: CheckpointPosition) -> FullCheckpoint:
        """Read one save. Raises `Damaged` unless it is what was written, and `AnotherVersion` if not by this one."""
        try:
            manifest = self._files.manifest(point.name)
            plain = json.loads(self._files.read(point.name, REST, manifest))
            arrays = load(self._files.read(point.name, ARRAYS, manifest))
            if set(arrays) != set(_marks(plain)):
                raise Damaged("its arrays are not those that it names")
            return FullCheckpoint(CheckpointPosition(point.step, point.sequence, manifest.is_lasting), arrays, plain)
        except AnotherVersion:
            raise
        except _DAMAGE as error:
            raise Damaged(f"checkpoint {point.name} is damaged ({error})") from error

    def newest(self, step: int | None = None, sequence: int | None = None) -> FullCheckpoint:
        """Return the newest whole save made no later than `step` and `sequence`.

        If there is none, return the run's beginning, which needs no files: `plain` is None. Raises `AnotherVersion`
        if there is none that this version reads.
        """
        notes: list[str] = []
        other: AnotherVersion | None = None
        for point in reversed(self.points()):
            if (step is not None and point.step > step) or (sequence is not None and point.sequence > sequence):
                continue
            try:
                found = self.load(point)
            except AnotherVersion as error:
                other = other or error
                notes.append(str(error))
            except Damaged as damage:
                notes.append(str(damage))
            else:
                return FullCheckpoint(found.point, found.arrays, found.plain, tuple(notes))
        if other is not None:
            raise other
        return FullCheckpoint(CheckpointPosition(0, 0), {}, None, tuple(notes))

    def drop_after(self, sequence: int) -> None:
        """Forget the saves of a future that will be lived again."""
        for point in self.points():
            if point.sequence > sequence:
                self._drop(point)

    def adopt(self, other: FullCheckpoints, point: CheckpointPosition) -> None:
        """Copy a save of another run. Raises OSError where that can't be done."""
        other._files.copy(point.name, self._files)

    def files(self, point: CheckpointPosition) -> list[str]:
        """Return the names of the files of a save, its manifest last, whether they are still there or not."""
        return [f"{point.name}.{suffix}" for suffix in (ARRAYS, REST, MANIFEST)]

    def _thin(self) -> None:
        """Drop what is neither new nor a stage's end, and what a crash left half made."""
        points = self.points()
        for point in points[:-KEPT]:
            if not self._is_lasting(point):
                self._drop(point)
        named = {point.name for point in points}
        for path in self.folder.iterdir():
            if path.name.lstrip(".").split(".")[0] not in named:
                self._disk.remove(path)

    def _is_lasting(self, point: CheckpointPosition) -> bool:
        try:
            return self._files.manifest(point.name).is_lasting
        except (OSError, ValueError):
            return False

    def _drop(self, point: CheckpointPosition) -> None:
        self._files.remove(point.name, _LARGEST)


def _marks(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if _MARK in tree:
            yield tree[_MARK]
        else:
            for part in tree.values():
                if isinstance(part, dict | list):
                    yield from _marks(part)
    elif isinstance(tree, list):
        for part in tree:
            if isinstance(part, dict | list):
                yield from _marks(part)


def encoded(plain: Any) -> bytes:
    """Return JSON data as it is stored."""
    return "".join(_pieces(plain)).encode()


def _pieces(tree: Any, depth: int = 0) -> Iterator[str]:
    """Encode as JSON, a short piece at a time."""
    if depth >= _DEEP or not isinstance(tree, dict | list | tuple):
        yield codec.dumps(tree)
        return
    keyed = isinstance(tree, dict)
    parts = tree.values() if isinstance(tree, dict) else tree
    keys = [f"{json.dumps(str(key))}:" for key in tree] if keyed else [""] * len(tree)
    yield "{" if keyed else "["
    for place, (key, part) in enumerate(zip(keys, parts, strict=True)):
        yield f",{key}" if place else key
        yield from _pieces(part, depth + 1)
    yield "}" if keyed else "]"
