"""Observations of external environments as lists of numbers, checked against the declared space."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

MAX_REALS, MAX_INTEGERS = 16, 256
"""Most real numbers, and most integers, of an observation; a model's context may hold fewer."""
MAX_VALUES = 10_000
"""Most values of all integers of an observation together, and most actions: each takes words of its own."""

OTHER_TYPE = "{world}: {call} observed {value} ({kind}), but its space is {space}; it is used as it is. Reported once."
BEYOND = "{world}: {call} observed {value}, beyond the bounds of its space {space}; it is used as it is. Reported once."

Warnings = list[str]
"""Gets `OTHER_TYPE` or `BEYOND` for an observation outside its space that can be used all the same."""
SEQUENCE = (list, tuple)
INTEGER = (int, np.integer, np.bool_)


class Unrepresentable(ValueError):
    """An observation outside its space that can't be put into words; the text is what the space wants."""


@dataclass(frozen=True, slots=True)
class DiscreteReader:
    """Reads one integer from `start` to `start + count - 1`."""

    start: int
    count: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of values of each integer."""
        return (self.count,)

    def read(self, observation: Any, warnings: Warnings) -> list[float]:
        """Return a list of one integer, counted from 0. Raises Unrepresentable."""
        if type(observation) is int and 0 <= observation - self.start < self.count:
            return [observation - self.start]
        if isinstance(observation, SEQUENCE) or getattr(observation, "shape", ()) != ():
            raise Unrepresentable(f"a single whole number is wanted, not {type_name(observation)}")
        return [self.read_one(observation, warnings)]

    def read_one(self, value: Any, warnings: Warnings) -> int:
        """Return an integer, counted from 0. Raises Unrepresentable."""
        number = int(value) if isinstance(value, INTEGER) else self._convert(value, warnings)
        if not 0 <= number - self.start < self.count:
            raise Unrepresentable(f"a whole number from {self.start} to {self.start + self.count - 1} is wanted")
        return number - self.start

    def _convert(self, value: Any, warnings: Warnings) -> int:
        array = _as_array(value)
        if array.ndim or not np.isfinite(array) or array != np.floor(array):
            raise Unrepresentable(f"a whole number from {self.start} to {self.start + self.count - 1} is wanted")
        if array.dtype.kind not in "iub":
            warnings.append(OTHER_TYPE)
        return int(array)


@dataclass(frozen=True, slots=True)
class MultiDiscreteReader:
    """Reads several integers: an array (`MultiDiscrete`), or a tuple of `Discrete`."""

    parts: tuple[DiscreteReader, ...]
    is_array: bool

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of values of each integer."""
        return tuple(part.count for part in self.parts)

    def read(self, observation: Any, warnings: Warnings) -> list[float]:
        """Return integers, counted from 0. Raises Unrepresentable."""
        is_row = isinstance(observation, SEQUENCE) or (isinstance(observation, np.ndarray) and observation.ndim)
        if not is_row or len(observation) != len(self.parts):
            raise Unrepresentable(f"{len(self.parts)} whole numbers are wanted, not {type_name(observation)}")
        if isinstance(observation, np.ndarray) != self.is_array:
            warnings.append(OTHER_TYPE)
        return [part.read_one(value, warnings) for part, value in zip(self.parts, observation, strict=True)]


IntegerReader = TypeVar("IntegerReader", DiscreteReader, MultiDiscreteReader)


class BoxReader:
    """Reads a vector of a few real numbers (`Box`) of any dtype."""

    counts = None  # its numbers have too many values for a word each

    def __init__(self, space: spaces.Box) -> None:
        self._shape, self._dtype = space.shape, space.dtype
        bounds = list(zip(space.low.tolist(), space.high.tolist(), strict=True))
        self._bounds = bounds if any(isfinite(bound) for pair in bounds for bound in pair) else []

    def read(self, observation: Any, warnings: Warnings) -> list[float]:
        """Return its numbers. Raises Unrepresentable for another shape, and for numbers that are not finite."""
        if isinstance(observation, np.ndarray) and observation.dtype == self._dtype:
            array = observation
        else:
            array = _as_array(observation)
        if array.shape != self._shape:
            raise Unrepresentable(f"an array of shape {self._shape} is wanted, not {type_name(observation)}")
        row: list[float] = array.tolist()
        if not all(map(isfinite, row)):
            raise Unrepresentable("finite numbers are wanted")
        if array is not observation or array.dtype != self._dtype:
            warnings.append(OTHER_TYPE)
        for number, (low, high) in zip(row, self._bounds, strict=False):
            if not low <= number <= high:
                warnings.append(BEYOND)
                break
        return row


def reader_for(space: spaces.Space[Any]) -> DiscreteReader | MultiDiscreteReader | BoxReader:
    """Return a reader of the observations of `space`. Raises ValueError for a space that can't be put into words."""
    match space:
        case spaces.Discrete():
            return _check_size(DiscreteReader(int(space.start), int(space.n)), space)
        case spaces.MultiDiscrete() if space.nvec.ndim == 1 and 0 < space.nvec.size <= MAX_INTEGERS:
            pairs = zip(space.start.tolist(), space.nvec.tolist(), strict=True)
            return _check_size(
                MultiDiscreteReader(tuple(DiscreteReader(start, count) for start, count in pairs), is_array=True), space
            )
        case spaces.Tuple() if 0 < len(space.spaces) <= MAX_INTEGERS:
            parts = [part for part in space.spaces if isinstance(part, spaces.Discrete)]
            if len(parts) == len(space.spaces):
                wholes = tuple(DiscreteReader(int(part.start), int(part.n)) for part in parts)
                return _check_size(MultiDiscreteReader(wholes, is_array=False), space)
        case spaces.Box() if len(space.shape) == 1 and 0 < space.shape[0] <= MAX_REALS:
            return BoxReader(space)
    known = f"only up to {MAX_INTEGERS} Discrete observations, or a Box of {MAX_REALS} numbers at most, have words here"
    raise ValueError(
        f"{known}, got {short_repr(space)}; a gymnasium.ObservationWrapper can bring others into that form"
    )


def _check_size(reader: IntegerReader, space: spaces.Space[Any]) -> IntegerReader:
    if sum(reader.counts) > MAX_VALUES:
        raise ValueError(
            f"observations of up to {MAX_VALUES:,} values have words here, got {short_repr(space)} with "
            f"{sum(reader.counts):,}; split them into several numbers, or use a Box"
        )
    return reader


def short_repr(value: object, limit: int = 100) -> str:
    """Return `repr(value)` in one line of at most `limit` characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def type_name(value: Any) -> str:
    """Return the type and size of a value, such as `ndarray of float32, shape (2,)`."""
    if isinstance(value, np.ndarray):
        return f"ndarray of {value.dtype}, shape {value.shape}"
    return f"{type(value).__name__} of {len(value)}" if isinstance(value, SEQUENCE) else type(value).__name__


def _as_array(value: Any) -> NDArray[Any]:
    """Return numbers as an array of any shape. Raises Unrepresentable for anything else."""
    try:
        array = np.asarray(value)
    except Exception as error:  # the conversion runs code of the environment, which may raise anything
        raise Unrepresentable(f"numbers are wanted, not {type_name(value)}") from error
    if array.dtype.kind not in "iufb":
        raise Unrepresentable(f"numbers are wanted, not {type_name(value)}")
    return array
