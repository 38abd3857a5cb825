"""Per-task weights in exported agents and runs.

In an agent's file each set of per-task weights repeats all weights, with names that begin `task_weights.NUMBER.`; the
description maps task ids to numbers. In a run's folder they are files named by a digest of their content.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, TypeAdapter

from agents.models.transformer_shapes import Shapes
from agents.runtime.strict_json import parse
from agents.sharing.archive_limits import MIB
from agents.sharing.weight_check import unpacked
from agents.store import task_weights
from agents.store.task_weights import Arrays, ArraysByTask, Names, file_name
from agents.store.weight_checkpoints import TASK_WEIGHTS, name_at, sealed


def _numbered(numbers: dict[str, int]) -> dict[str, int]:
    if set(numbers.values()) != set(range(len(set(numbers.values())))):
        raise ValueError("per-task weights must be numbered 0, 1, 2, ...")
    return numbers


Numbers = Annotated[dict[str, int], AfterValidator(_numbered)]
"""Index of the per-task weights, by task id, for tasks that have any."""
_NAMES: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


def numbered(task_arrays: ArraysByTask) -> tuple[Arrays, dict[str, int]]:
    """Return all distinct per-task weights as arrays of one file, and their index by task id."""
    distinct = {id(task_array): task_array for _, task_array in sorted(task_arrays.items())}
    numbers = {key: number for number, key in enumerate(distinct)}
    arrays = {
        _name(numbers[key], name): array for key, task_array in distinct.items() for name, array in task_array.items()
    }
    return arrays, {str(task_id): numbers[id(task_array)] for task_id, task_array in sorted(task_arrays.items())}


def with_task_arrays(weights: Shapes, numbers: Mapping[str, int]) -> Shapes:
    """Return the shapes of all arrays in an agent's file: its weights and its per-task weights."""
    per_task = {_name(number, name): shape for number in set(numbers.values()) for name, shape in weights.items()}
    return {**weights, **per_task}


def parted(arrays: Arrays, weights: Shapes, numbers: Mapping[str, int]) -> tuple[Arrays, ArraysByTask]:
    """Split the arrays of an agent's file into its weights and the per-task weights by task id."""
    sets = {number: {name: arrays[_name(number, name)] for name in weights} for number in set(numbers.values())}
    return {name: arrays[name] for name in weights}, {int(task_id): sets[number] for task_id, number in numbers.items()}


def checked_task_weight_files(folder: Path, step: int, weights: Shapes) -> list[str]:
    """Check the per-task weights of the checkpoint at `step`, and return the names of their files.

    Raises ValueError if an array is missing or has not the shape in `weights`. A file that several checkpoints name is
    checked for each of them, since shapes grow when tasks are added.
    """
    files, name = sealed(folder), name_at(step)
    if TASK_WEIGHTS not in files.manifest(name).files:
        return []
    names: Names = _NAMES.validate_python(parse(files.read(name, TASK_WEIGHTS), largest=MIB))
    if not all(task_id.isascii() and task_id.isdecimal() for task_id in names):
        raise ValueError(f"{name}.{TASK_WEIGHTS} has a key that is not a task id")
    for digest in set(names.values()):
        unpacked(task_weights.read(folder, digest), weights)
    return sorted(file_name(digest) for digest in set(names.values()))


def _name(number: int, name: str) -> str:
    return f"task_weights.{number}.{name}"
