"""State as a tree of plain data with arrays for leaves, and how it goes to disk: arrays apart from JSON.

Every part of a run that changes has `state()` and `restore(state)`. A state is nested
dicts and lists of numbers, strings, None, tensors and NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

State = dict[str, Any]
Arrays = dict[str, NDArray[Any]]
MARK = "$array"
"""Stands in the JSON for an array that is stored under the name beside it."""


def split(tree: Any, place: str = "") -> tuple[Any, Arrays]:
    """Return the tree with marks for its arrays, and the arrays by their place in it."""
    if isinstance(tree, Tensor):
        return {MARK: place}, {place: tree.detach().cpu().numpy().copy()}
    if isinstance(tree, np.ndarray):
        return {MARK: place}, {place: tree.copy()}
    if isinstance(tree, Mapping):
        parts = {str(key): split(value, f"{place}/{key}") for key, value in tree.items()}
        return {key: part for key, (part, _) in parts.items()}, _merged(arrays for _, arrays in parts.values())
    if isinstance(tree, list | tuple):
        rows = [split(value, f"{place}/{row}") for row, value in enumerate(tree)]
        return [part for part, _ in rows], _merged(arrays for _, arrays in rows)
    return tree, {}


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


def _merged(parts: Any) -> Arrays:
    return {place: array for part in parts for place, array in part.items()}
