"""Full checkpoints: everything a run needs to resume, verified by digests before it is used.

A save is three files: arrays (safetensors), everything else (JSON), and a manifest with
the size and the SHA-256 of both, written last. A save without a manifest was never made.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from agents import codec
from agents.runtime.atomic_write import DISK, Disk, made_within, write_whole
from agents.store.checkpoint_contents import Checkpoint
from agents.store.task_weights import Arrays

ARRAYS, REST, MANIFEST = "safetensors", "json", "manifest.json"
KEPT = 3
"""The newest saves that are kept, besides those of every stage's end."""
_FORMAT = 2
_NAME = re.compile(rf"(state-(\d{{1,18}})-(\d{{1,18}}))\.{re.escape(MANIFEST)}")
_LARGEST = {MANIFEST: 4 << 20, REST: 1 << 30, ARRAYS: 16 << 30}
"""Bytes that are read of a file, at most."""
_MARK = "$array"
_DEEP = 5
"""Tables are encoded in pieces down to here: one long call would hold up every other thread."""
_DAMAGE = (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError, SafetensorError)


class Damaged(ValueError):
    """A save is not what was written; the message says how."""


@dataclass(frozen=True, slots=True)
class Point:
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
class Saved:
    """A save that was read and found whole."""

    point: Point
    arrays: dict[str, NDArray[Any]]
    plain: Checkpoint | None
    """None at the very beginning of a run, where nothing was saved."""
    notes: tuple[str, ...] = field(default=())
    """What is wrong with newer ones, a line each."""


class Saves:
    """The full checkpoints of one run, in a folder."""

    def __init__(self, folder: Path, disk: Disk = DISK) -> None:
        self.folder, self._disk = folder, disk

    def points(self) -> list[Point]:
        """Return where there are saves, oldest first, as their names tell."""
        names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        found = [match for name in names if (match := _NAME.fullmatch(name))]
        return sorted((Point(int(match[2]), int(match[3])) for match in found), key=lambda point: point.sequence)

    def write(self, point: Point, arrays: Arrays, plain: Checkpoint) -> str:
        """Store a save and thin the older ones out; return its name. Raises OSError, and leaves the older ones."""
        made_within(self.folder)
        # a 0-d array must stay one, which rules out numpy.ascontiguousarray
        solid = {name: np.require(array, requirements="C") for name, array in arrays.items()}
        files = {ARRAYS: save(solid), REST: encoded(plain)}
        manifest = {
            "format": _FORMAT,
            **asdict(point),
            "files": {suffix: [len(content), _digest(content)] for suffix, content in files.items()},
            "arrays": {name: [str(array.dtype), list(array.shape)] for name, array in solid.items()},
        }
        for suffix, content in files.items():
            write_whole(self._path(point, suffix), content, self._disk)
        write_whole(self._path(point, MANIFEST), json.dumps(manifest).encode(), self._disk)
        self._thin()
        return point.name

    def load(self, point: Point) -> Saved:
        """Read one save. Raises `Damaged` unless it is, byte for byte, what was written."""
        try:
            manifest = json.loads(self._content(point, MANIFEST))
            if manifest["format"] != _FORMAT:
                raise Damaged(f"format {manifest['format']!r} is not known to this version")
            written = Point(*(manifest[key] for key in ("step", "sequence", "lasting")))
            if (written.step, written.sequence) != (point.step, point.sequence):
                raise Damaged("its manifest belongs to another")
            rest, packed = (self._verified(point, suffix, manifest) for suffix in (REST, ARRAYS))
            plain = json.loads(rest)
            _check_arrays(packed, manifest["arrays"], set(_marks(plain)))
            return Saved(written, load(packed), plain)
        except _DAMAGE as error:
            raise Damaged(f"checkpoint {point.name} is damaged ({error})") from error

    def newest(self, step: int | None = None, sequence: int | None = None) -> Saved:
        """Return the newest whole save made no later than `step` and `sequence`.

        If there is none, return the run's beginning, which needs no files: `plain` is None.
        """
        notes: list[str] = []
        for point in reversed(self.points()):
            if (step is not None and point.step > step) or (sequence is not None and point.sequence > sequence):
                continue
            try:
                found = self.load(point)
            except Damaged as damage:
                notes.append(str(damage))
            else:
                return Saved(found.point, found.arrays, found.plain, tuple(notes))
        return Saved(Point(0, 0), {}, None, tuple(notes))

    def drop_after(self, sequence: int) -> None:
        """Forget the saves of a future that will be lived again."""
        for point in self.points():
            if point.sequence > sequence:
                self._drop(point)

    def adopt(self, other: Saves, point: Point) -> None:
        """Copy a save of another run. Raises OSError where that can't be done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for suffix in (ARRAYS, REST, MANIFEST):
            write_whole(self._path(point, suffix), other._path(point, suffix).read_bytes(), self._disk)

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

    def _is_lasting(self, point: Point) -> bool:
        try:
            return bool(json.loads(self._content(point, MANIFEST))["lasting"])
        except _DAMAGE:
            return False

    def _drop(self, point: Point) -> None:
        for suffix in (MANIFEST, REST, ARRAYS):  # the manifest first: what is left is no save
            self._disk.remove(self._path(point, suffix))

    def _path(self, point: Point, suffix: str) -> Path:
        return self.folder / f"{point.name}.{suffix}"

    def _content(self, point: Point, suffix: str) -> bytes:
        path = self._path(point, suffix)
        size = path.stat().st_size
        if size > _LARGEST[suffix]:
            raise Damaged(f"{path.name} has {size:,} bytes; at most {_LARGEST[suffix]:,} are read")
        return path.read_bytes()

    def _verified(self, point: Point, suffix: str, manifest: Mapping[str, Any]) -> bytes:
        size, digest = manifest["files"][suffix]
        found = self._path(point, suffix).stat().st_size
        if found != size:
            raise Damaged(f"{suffix}: {found:,} bytes instead of {size:,}")
        content = self._content(point, suffix)
        if _digest(content) != digest:
            raise Damaged(f"{suffix}: its SHA-256 is another")
        return content


def _check_arrays(packed: bytes, promised: Mapping[str, Any], marked: set[str]) -> None:
    """Compare names, types and shapes with what was promised, before an array is made of them."""
    length = int.from_bytes(packed[:8], "little")
    if length > len(packed) - 8:
        raise Damaged("its header is longer than the file")
    header = json.loads(packed[8 : 8 + length])
    header.pop("__metadata__", None)
    if set(header) != set(promised) or set(header) != marked:
        raise Damaged("its arrays are not those that it names")
    for name, (kind, shape) in promised.items():
        begin, end = header[name]["data_offsets"]
        if header[name]["shape"] != shape or math.prod(shape) * np.dtype(kind).itemsize != end - begin:
            raise Damaged(f"array {name[:80]} has another shape")


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


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
