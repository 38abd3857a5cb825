"""Names, shapes and types of the tensors in safetensors files, from their headers alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.models import StoredTensor

LARGEST = 100_000_000
"""Bytes that a header may have; the format's own library allows no more either."""
WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
"""The file with all weights, and where there are several, the one that says which holds what."""
_LENGTH = 8
_BITS: Mapping[str, int] = {
    **{"BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16},
    **{"I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64},
}


_PACKED = ("F4", "F6_", "F8_", "C64")
"""How the names of further types begin."""


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
    """Return the tensors of one file. Raises ValueError, in one line, if it is no whole safetensors file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(_LENGTH), "little")
            if not 2 <= length <= min(LARGEST, size - _LENGTH):
                raise ValueError(f"a header of {length:,} bytes")
            told = json.loads(stream.read(length))
        entries = {str(name): entry for name, entry in told.items() if name != "__metadata__"}
        tensors = {name: _tensor(name, entry) for name, entry in entries.items()}
        end = _LENGTH + length + max((int(entry["data_offsets"][1]) for entry in entries.values()), default=0)
        if end != size:
            raise ValueError(f"it has {size:,} of {end:,} bytes")
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise ValueError(f"{path.name} is no whole safetensors file ({said}); get it again") from error
    return tensors


def _tensor(name: str, entry: Mapping[str, Any]) -> StoredTensor:
    shape = tuple(int(size) for size in entry["shape"])
    if any(size < 0 for size in shape):
        raise ValueError(f"a shape of {shape}")
    tensor = StoredTensor(shape, str(entry["dtype"]))
    begin, end = (int(offset) for offset in entry["data_offsets"])
    bits = _BITS.get(tensor.dtype)
    if bits is None and not tensor.dtype.startswith(_PACKED):
        raise ValueError(f"{name[:60]} has numbers of type {tensor.dtype[:20]!r}")
    if not 0 <= begin <= end or (bits is not None and tensor.numbers * bits != 8 * (end - begin)):
        raise ValueError(f"{name[:60]} of shape {list(shape)} has {end - begin:,} bytes")
    return tensor


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
