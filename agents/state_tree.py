"""Save and load state trees: nested plain data as JSON, arrays apart.

Every part of a run that changes has `state()` and `restore(state)`. A state is nested
dicts and lists of numbers, strings, None, tensors and NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

State = dict[str, Any]
Arrays = dict[str, NDArray[Any]]
MARK = "$array"
"""Stands in the JSON for an array that is stored under the name beside it."""


class Plain(list[Any]):
    """A list that holds JSON data and no arrays: it is not searched for them."""


_LEAVES = frozenset((int, float, str, bool, type(None), Plain))


def split(tree: Any, place: str = "") -> tuple[Any, Arrays]:
    """Return the tree with marks for its arrays, and the arrays by their place in it.

    Parts without arrays are not copied: a memory has hundreds of thousands of them, and
    as many new objects would keep the garbage collector busy, which stops every thread.
    """
    arrays: Arrays = {}
    return _split(tree, place, arrays), arrays


def _split(tree: Any, place: str, arrays: Arrays) -> Any:
    if isinstance(tree, Tensor):
        arrays[place] = tree.detach().cpu().numpy().copy()
        return {MARK: place}
    if isinstance(tree, np.ndarray):
        arrays[place] = tree.copy()
        return {MARK: place}
    if isinstance(tree, list | tuple):
        parts = _changed(enumerate(tree), place, arrays)
        return [parts.get(row, part) for row, part in enumerate(tree)] if parts else tree
    if isinstance(tree, Mapping):
        parts = _changed(tree.items(), place, arrays)
        return {key: parts.get(key, part) for key, part in tree.items()} if parts else tree
    return tree


def _changed(parts: Iterable[tuple[Any, Any]], place: str, arrays: Arrays) -> dict[Any, Any]:
    """Split each part; return those that had arrays in them, by their key."""
    found: dict[Any, Any] = {}
    for key, part in parts:
        if type(part) not in _LEAVES:
            without = _split(part, f"{place}/{key}", arrays)
            if without is not part:
                found[key] = without
    return found


def join(plain: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Put the arrays back in their places, as tensors. Raises KeyError if one is missing."""
    if isinstance(plain, dict):
        if MARK in plain:
            return torch.from_numpy(np.array(arrays[plain[MARK]]))
        return {key: join(value, arrays) for key, value in plain.items()}
    if isinstance(plain, list):
        return [join(value, arrays) for value in plain]
    return plain


def moved(tree: Any, device: torch.device) -> Any:
    """Return the tree with its tensors on `device`."""
    if isinstance(tree, Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: moved(value, device) for key, value in tree.items()}
    if isinstance(tree, list):
        return [moved(value, device) for value in tree]
    return tree
