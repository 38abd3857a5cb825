"""Weight checkpoints: safetensors beside JSON, so that a shared file cannot run code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as unpacked

from agents import codec
from agents.errors import BadInput
from agents.runtime.atomic_write import DISK, Disk, made_within, write_whole
from agents.store import task_weights
from agents.store.task_weights import Arrays, Names, Outfits, packed

OUTFITS = "outfits.json"
"""Suffix of the file that tells what each column wears; only where that is not the weights themselves."""
MANIFEST = "manifest.json"
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SafetensorError)
_NAME = re.compile(r"step-(\d+)\.safetensors")


def keep(
    folder: Path,
    step: int,
    arrays: Arrays,
    about: Mapping[str, Any],
    disk: Disk = DISK,
    outfits: Outfits | None = None,
) -> str:
    """Store `arrays` and the JSON data `about` them as they are at `step`; return the checkpoint's name.

    Each file appears whole or not at all, and the arrays last: a checkpoint that can be
    seen is complete. Raises OSError, and leaves the others as they are.
    """
    made_within(folder)
    name = f"step-{step:09d}"
    contents = {"json": codec.dumps(dict(about)).encode()}
    if outfits:
        contents[OUTFITS] = json.dumps(task_weights.store(folder, outfits, disk)).encode()
    contents["safetensors"] = packed(arrays)
    manifest = {suffix: [len(content), sha256(content).hexdigest()] for suffix, content in contents.items()}
    if step in steps(folder) and _is_written(folder / f"{name}.{MANIFEST}", manifest):
        return name
    for suffix, content in {MANIFEST: json.dumps(manifest).encode(), **contents}.items():
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
        manifest = _manifest(folder / f"{name}.{MANIFEST}")
        about, arrays = (_verified(folder / f"{name}.{suffix}", manifest) for suffix in ("json", "safetensors"))
        return unpacked(arrays), json.loads(about)
    except _DAMAGE as error:
        raise BadInput(f"{folder / name}: the checkpoint cannot be read ({error})") from error


def outfits(folder: Path, step: int) -> dict[int, Arrays]:
    """Return all weights of those columns that wear others than the checkpoint's. Raises `BadInput` if damaged."""
    try:
        return task_weights.load(folder, outfit_names(folder, step))
    except _DAMAGE as error:
        raise BadInput(f"{folder}: what tasks wear at step {step} cannot be read ({error})") from error


def outfit_names(folder: Path, step: int) -> Names:
    """Return what each column wears. Raises ValueError and the like if that is damaged."""
    path, manifest = folder / f"step-{step:09d}.{OUTFITS}", _manifest(folder / f"step-{step:09d}.{MANIFEST}")
    # without a manifest it was made by an older version, or taken in from elsewhere
    known = path.exists() if manifest is None else OUTFITS in manifest
    names: dict[str, str] = json.loads(_verified(path, manifest)) if known else {}
    for digest in names.values():
        task_weights.file_name(digest)
    return names


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
            for suffix in (
                "safetensors",
                OUTFITS,
                "json",
                MANIFEST,
            ):  # the weights first: they show that it is complete
                (folder / f"step-{later:09d}.{suffix}").unlink(missing_ok=True)
    if folder.is_dir():
        _sweep(folder)


def _sweep(folder: Path) -> None:
    """Remove outfits that no checkpoint needs; none while it is not known which are needed."""
    try:
        needed = {digest for step in steps(folder) for digest in outfit_names(folder, step).values()}
    except _DAMAGE:
        return
    task_weights.sweep(folder, needed)


def copy(source: Path, target: Path, step: int) -> None:
    """Copy the checkpoints up to `step` into another run."""
    for known in steps(source):
        if known <= step:
            target.mkdir(parents=True, exist_ok=True)
            for name in (f"step-{known:09d}.{MANIFEST}", *files(source, known)):
                # older versions wrote no manifest; an outfit may be there already
                if (source / name).exists() and not (target / name).exists():
                    write_whole(target / name, (source / name).read_bytes())


def files(folder: Path, step: int) -> list[str]:
    """Return the names of all files of a checkpoint but its manifest, the weights last."""
    try:
        worn = set(outfit_names(folder, step).values())
    except _DAMAGE:  # what it shares with others is not known any more
        worn = set()
    own = ("json", OUTFITS, "safetensors") if worn else ("json", "safetensors")
    return [*sorted(map(task_weights.file_name, worn)), *(f"step-{step:09d}.{suffix}" for suffix in own)]
