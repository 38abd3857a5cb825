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
"""Bytes that tell how long the header is."""
_LONGEST_HEADER = 1 << 20
_KIND, _BYTES = "F32", 4


def unpacked(packed: bytes, expected: Shapes) -> dict[str, NDArray[Any]]:
    """Return the arrays. Raises ValueError unless they are those expected, and every number is finite."""
    length = int.from_bytes(packed[:_LENGTH], "little")
    if not 2 <= length <= min(_LONGEST_HEADER, len(packed) - _LENGTH):
        raise ValueError("the weights have no sound header")
    header = parse(packed[_LENGTH : _LENGTH + length], largest=_LONGEST_HEADER)
    if not isinstance(header, dict):
        raise ValueError("the weights have no table of names")
    header.pop("__metadata__", None)
    if set(header) != set(expected):
        odd = sorted(set(header) ^ set(expected))[0]
        raise ValueError(f"weight {odd[:80]!r} is missing or does not belong to this agent")
    for name, shape in expected.items():
        _check(name, header[name], shape)
    size = sum(math.prod(shape) for shape in expected.values()) * _BYTES
    if len(packed) != _LENGTH + length + size:
        raise ValueError(f"the weights have {len(packed):,} bytes, not {_LENGTH + length + size:,}")
    return _loaded(packed)


def _check(name: str, said: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(said, dict) or said.get("dtype") != _KIND:
        raise ValueError(f"weight {name!r} is not of type {_KIND}")
    if said.get("shape") != list(shape):
        raise ValueError(f"weight {name!r} has another shape than {shape}")


def _loaded(packed: bytes) -> dict[str, NDArray[Any]]:
    try:
        arrays = load(packed)  # refuses offsets that overlap, leave holes or do not fit a shape
    except SafetensorError as error:
        raise ValueError(f"the weights cannot be read ({error})") from error
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"weight {name!r} holds numbers that are not finite")
    return arrays
