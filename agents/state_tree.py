"""Split state trees into JSON data and arrays, and join them again.

Every mutable part of a run has `state()` and `restore(state)`. A state is nested
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
"""Key of the JSON object that replaces an array; its value is the array's name."""


class Plain(list[Any]):
    """A list of JSON data without arrays, which `split` need not search."""


_LEAVES = frozenset((int, float, str, bool, type(None), Plain))


def split(tree: Any, path: str = "") -> tuple[Any, Arrays]:
    """Return the tree with each array replaced by `{MARK: path}`, and copies of the arrays, of any shape, by path.

    Subtrees without arrays are not copied: a memory has hundreds of thousands of them, and
    allocating as many objects would trigger garbage collections, which stop every thread.
    """
    arrays: Arrays = {}
    return _split(tree, path, arrays), arrays


def _split(tree: Any, path: str, arrays: Arrays) -> Any:
    if isinstance(tree, Tensor):
        arrays[path] = tree.detach().cpu().numpy().copy()
        return {MARK: path}
    if isinstance(tree, np.ndarray):
        arrays[path] = tree.copy()
        return {MARK: path}
    if isinstance(tree, list | tuple):
        changed = _split_children(enumerate(tree), path, arrays)
        return [changed.get(index, child) for index, child in enumerate(tree)] if changed else tree
    if isinstance(tree, Mapping):
        changed = _split_children(tree.items(), path, arrays)
        return {key: changed.get(key, child) for key, child in tree.items()} if changed else tree
    return tree


def _split_children(children: Iterable[tuple[Any, Any]], path: str, arrays: Arrays) -> dict[Any, Any]:
    """Split each child; return the new version of those that contain arrays, by key."""
    changed: dict[Any, Any] = {}
    for key, child in children:
        if type(child) not in _LEAVES:
            without_arrays = _split(child, f"{path}/{key}", arrays)
            if without_arrays is not child:
                changed[key] = without_arrays
    return changed


def join(plain: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Undo `split`: replace each `{MARK: path}` in `plain` by a copy of its array, as a tensor of the same shape.

    Raises KeyError if `arrays` lacks a path.
    """
    if isinstance(plain, dict):
        if MARK in plain:
            return torch.from_numpy(np.array(arrays[plain[MARK]]))
        return {key: join(value, arrays) for key, value in plain.items()}
    if isinstance(plain, list):
        return [join(value, arrays) for value in plain]
    return plain


def moved(tree: Any, device: torch.device) -> Any:
    """Return a copy of the tree with its tensors on `device`."""
    if isinstance(tree, Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: moved(value, device) for key, value in tree.items()}
    if isinstance(tree, list):
        return [moved(value, device) for value in tree]
    return tree
