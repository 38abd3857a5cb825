"""Validate untrusted weights: names, types and shapes, from the header alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from agents.models.transformer_shapes import Shapes
from agents.runtime.strict_json import parse

_LENGTH = 8
"""Bytes of the header's length."""
_LONGEST_HEADER = 1 << 20
_KIND, _BYTES = "F32", 4


def unpacked(packed: bytes, expected: Shapes) -> dict[str, NDArray[Any]]:
    """Load arrays of float32. Raises ValueError unless names and shapes are `expected`, and all values finite."""
    length = int.from_bytes(packed[:_LENGTH], "little")
    if not 2 <= length <= min(_LONGEST_HEADER, len(packed) - _LENGTH):
        raise ValueError("the weights have no valid header")
    header = parse(packed[_LENGTH : _LENGTH + length], largest=_LONGEST_HEADER)
    if not isinstance(header, dict):
        raise ValueError("the weights' header is not a table")
    header.pop("__metadata__", None)
    if set(header) != set(expected):
        unmatched = sorted(set(header) ^ set(expected))[0]
        raise ValueError(f"weight {unmatched[:80]!r} is missing or does not belong to this agent")
    for name, shape in expected.items():
        _check(name, header[name], shape)
    size = sum(math.prod(shape) for shape in expected.values()) * _BYTES
    if len(packed) != _LENGTH + length + size:
        raise ValueError(f"the weights have {len(packed):,} bytes, not {_LENGTH + length + size:,}")
    return _loaded(packed)


def _check(name: str, entry: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(entry, dict) or entry.get("dtype") != _KIND:
        raise ValueError(f"weight {name!r} is not of type {_KIND}")
    if entry.get("shape") != list(shape):
        raise ValueError(f"weight {name!r} has another shape than {shape}")


def _loaded(packed: bytes) -> dict[str, NDArray[Any]]:
    try:
        arrays = load(packed)  # refuses offsets that overlap, leave gaps or do not match the shapes
    except SafetensorError as error:
        raise ValueError(f"the weights cannot be read ({error})") from error
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"weight {name!r} holds numbers that are not finite")
    return arrays
