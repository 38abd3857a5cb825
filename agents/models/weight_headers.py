"""Names, shapes and types of the tensors in safetensors files, from their headers alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.models import StoredTensor

LARGEST = 100_000_000
"""Bytes that a header may have; the format's own library allows no more either."""
_LENGTH = 8


def stored_tensors(folder: Path) -> dict[str, StoredTensor]:
    """Return every tensor of the safetensors files in `folder`. Raises ValueError, in one line, if one is broken."""
    found: dict[str, StoredTensor] = {}
    for path in sorted(folder.glob("*.safetensors")):
        found.update(header(path))
    return found


def header(path: Path) -> dict[str, StoredTensor]:
    """Return the tensors of one file. Raises ValueError, in one line, if it is no safetensors."""
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(_LENGTH), "little")
            if not 2 <= length <= min(LARGEST, path.stat().st_size - _LENGTH):
                raise ValueError(f"a header of {length:,} bytes")
            told = json.loads(stream.read(length))
        return {str(name): _tensor(entry) for name, entry in told.items() if name != "__metadata__"}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise ValueError(f"{path.name} is no whole safetensors file ({said}); get it again") from error


def _tensor(entry: Mapping[str, Any]) -> StoredTensor:
    shape = tuple(int(size) for size in entry["shape"])
    if any(size < 0 for size in shape):
        raise ValueError(f"a shape of {shape}")
    return StoredTensor(shape, str(entry["dtype"]))
