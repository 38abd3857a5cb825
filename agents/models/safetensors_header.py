"""Names, shapes and types of the tensors in safetensors files, from their headers alone."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from agents.models import StoredTensor

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
"""The file with all weights, and where there are several, the one that says which holds what."""


def weight_files(folder: Path) -> tuple[Path, ...]:
    """Return the files that hold a model's weights. Raises ValueError, in one line, if one of them is missing."""
    if (folder / WHOLE).is_file():
        return (folder / WHOLE,)
    if not (folder / INDEX).is_file():
        known = ", ".join(sorted(path.name for path in folder.glob("*.safetensors"))[:3])
        raise ValueError(f"has {known or 'no *.safetensors'} but neither {WHOLE} nor {INDEX}; get the model again")
    files = tuple(folder / name for name in sorted(set(_index(folder / INDEX).values())))
    if lost := [path.name for path in files if not path.is_file()]:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise ValueError(f"lacks {lost[0]}{more}, which {INDEX} names; get the model again")
    return files


def stored_tensors(folder: Path) -> dict[str, StoredTensor]:
    """Return every tensor of a model. Raises ValueError, in one line, if a file is missing or broken."""
    files = weight_files(folder)
    found = {path.name: header(path) for path in files}
    if files != (folder / WHOLE,):
        for name, file in _index(folder / INDEX).items():
            if name not in found[file]:
                raise ValueError(f"has no weight {name[:80]!r} in {file}, where {INDEX} puts it; get the model again")
    return {name: tensor for tensors in found.values() for name, tensor in tensors.items()}


def header(path: Path) -> dict[str, StoredTensor]:
    """Return the tensors of one file. Raises ValueError, in one line, if it is no whole safetensors file.

    The library maps the file, reads no more of it than a header of 100 MB at most, and makes no array.
    """
    try:
        with safe_open(path, framework="np") as file:
            parts = {str(name): file.get_slice(name) for name in file.keys()}  # noqa: SIM118  it is no mapping
            return {name: StoredTensor(tuple(part.get_shape()), part.get_dtype()) for name, part in parts.items()}
    except (OSError, SafetensorError) as error:
        said = str(error).removeprefix("Error while deserializing header: ").splitlines()[0][:120]
        raise ValueError(f"{path.name} is no whole safetensors file ({said}); get it again") from error


def _index(path: Path) -> dict[str, str]:
    """Return which file holds each weight. Raises ValueError if that cannot be read, or leads out of the folder."""
    try:
        told = json.loads(path.read_bytes())["weight_map"]
        if not told or not all(isinstance(file, str) and file == Path(file).name for file in told.values()):
            raise ValueError("no table of weights and files")
        return {str(name): file for name, file in told.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise ValueError(f"{path.name} cannot be used ({said}); get the model again") from error
