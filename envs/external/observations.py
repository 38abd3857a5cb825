"""Observations of other people's worlds as rows of numbers, checked against the space that they declare."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

WIDEST, MOST_WHOLE = 16, 256
"""More real numbers than this have no words, nor more whole ones; the model's context may hold fewer."""
MOST_VALUES = 10_000
"""More values of whole numbers, or more actions, than this are too many words."""

OTHER_TYPE = "{world}: {call} observed {value} ({kind}), but its space is {space}; it is taken as it is. Said once."
BEYOND = "{world}: {call} observed {value}, beyond the bounds of its space {space}; it is taken as it is. Said once."

Odd = list[str]
"""Gets `OTHER_TYPE` or `BEYOND` where an observation is odd but can be said."""
ROW = (list, tuple)
WHOLE = (int, np.integer, np.bool_)


class Unrepresentable(ValueError):
    """An observation that its space does not hold, and no words are known for; the text is what is wanted."""


@dataclass(frozen=True, slots=True)
class Whole:
    """One whole number, `count` values from `start` on."""

    start: int
    count: int

    @property
    def counts(self) -> tuple[int, ...]:
        """How many values each number has."""
        return (self.count,)

    def numbers(self, observation: Any, odd: Odd) -> list[float]:
        """Return it as a row of one number that counts from 0. Raises Unsayable."""
        if type(observation) is int and 0 <= observation - self.start < self.count:
            return [observation - self.start]
        if isinstance(observation, ROW) or getattr(observation, "shape", ()) != ():
            raise Unrepresentable(f"a single whole number is wanted, not {kind(observation)}")
        return [self.one(observation, odd)]

    def one(self, value: Any, odd: Odd) -> int:
        """Return a number that counts from 0. Raises Unsayable."""
        number = int(value) if isinstance(value, WHOLE) else self._converted(value, odd)
        if not 0 <= number - self.start < self.count:
            raise Unrepresentable(f"a whole number from {self.start} to {self.start + self.count - 1} is wanted")
        return number - self.start

    def _converted(self, value: Any, odd: Odd) -> int:
        array = _array(value)
        if array.ndim or not np.isfinite(array) or array != np.floor(array):
            raise Unrepresentable(f"a whole number from {self.start} to {self.start + self.count - 1} is wanted")
        if array.dtype.kind not in "iub":
            odd.append(OTHER_TYPE)
        return int(array)


@dataclass(frozen=True, slots=True)
class Wholes:
    """Several whole numbers: an array of them (`MultiDiscrete`), or a tuple."""

    parts: tuple[Whole, ...]
    is_array: bool

    @property
    def counts(self) -> tuple[int, ...]:
        """How many values each number has."""
        return tuple(part.count for part in self.parts)

    def numbers(self, observation: Any, odd: Odd) -> list[float]:
        """Return numbers that count from 0. Raises Unsayable."""
        is_row = isinstance(observation, ROW) or (isinstance(observation, np.ndarray) and observation.ndim)
        if not is_row or len(observation) != len(self.parts):
            raise Unrepresentable(f"{len(self.parts)} whole numbers are wanted, not {kind(observation)}")
        if isinstance(observation, np.ndarray) != self.is_array:
            odd.append(OTHER_TYPE)
        return [part.one(value, odd) for part, value in zip(self.parts, observation, strict=True)]


Counting = TypeVar("Counting", Whole, Wholes)


class Real:
    """A `Box` of a few numbers, of whichever type."""

    counts = None

    def __init__(self, space: spaces.Box) -> None:
        self._shape, self._dtype = space.shape, space.dtype
        bounds = list(zip(space.low.tolist(), space.high.tolist(), strict=True))
        self._bounds = bounds if any(isfinite(bound) for pair in bounds for bound in pair) else []

    def numbers(self, observation: Any, odd: Odd) -> list[float]:
        """Return its numbers. Raises Unsayable for another shape, and for what is not a finite number."""
        if isinstance(observation, np.ndarray) and observation.dtype == self._dtype:
            array = observation
        else:
            array = _array(observation)
        if array.shape != self._shape:
            raise Unrepresentable(f"an array of shape {self._shape} is wanted, not {kind(observation)}")
        row: list[float] = array.tolist()
        if not all(map(isfinite, row)):
            raise Unrepresentable("finite numbers are wanted")
        if array is not observation or array.dtype != self._dtype:
            odd.append(OTHER_TYPE)
        for number, (low, high) in zip(row, self._bounds, strict=False):
            if not low <= number <= high:
                odd.append(BEYOND)
                break
        return row


def reader(space: spaces.Space[Any]) -> Whole | Wholes | Real:
    """Return what reads the observations of `space`. Raises ValueError, without an enumeration, if it has no words."""
    match space:
        case spaces.Discrete():
            return _few(Whole(int(space.start), int(space.n)), space)
        case spaces.MultiDiscrete() if space.nvec.ndim == 1 and 0 < space.nvec.size <= MOST_WHOLE:
            pairs = zip(space.start.tolist(), space.nvec.tolist(), strict=True)
            return _few(Wholes(tuple(Whole(start, count) for start, count in pairs), is_array=True), space)
        case spaces.Tuple() if 0 < len(space.spaces) <= MOST_WHOLE:
            parts = [part for part in space.spaces if isinstance(part, spaces.Discrete)]
            if len(parts) == len(space.spaces):
                wholes = tuple(Whole(int(part.start), int(part.n)) for part in parts)
                return _few(Wholes(wholes, is_array=False), space)
        case spaces.Box() if len(space.shape) == 1 and 0 < space.shape[0] <= WIDEST:
            return Real(space)
    known = f"only up to {MOST_WHOLE} Discrete observations, or a Box of {WIDEST} numbers at most, have words here"
    raise ValueError(f"{known}, got {shown(space)}; a gymnasium.ObservationWrapper can bring others into that form")


def _few(read: Counting, space: spaces.Space[Any]) -> Counting:
    if sum(read.counts) > MOST_VALUES:
        raise ValueError(
            f"observations of up to {MOST_VALUES:,} values have words here, got {shown(space)} with "
            f"{sum(read.counts):,}; split them into several numbers, or use a Box"
        )
    return read


def shown(value: object, most: int = 100) -> str:
    """Return a value in one line that is not endless."""
    said = " ".join(repr(value).split())
    return said if len(said) <= most else f"{said[: most - 1]}…"


def kind(value: Any) -> str:
    """Return of which type and size a value is, such as `ndarray of float32, shape (2,)`."""
    if isinstance(value, np.ndarray):
        return f"ndarray of {value.dtype}, shape {value.shape}"
    return f"{type(value).__name__} of {len(value)}" if isinstance(value, ROW) else type(value).__name__


def _array(value: Any) -> NDArray[Any]:
    """Return numbers as an array. Raises Unsayable for anything else."""
    try:
        array = np.asarray(value)
    except Exception as error:  # whatever somebody's object raises when it is converted
        raise Unrepresentable(f"numbers are wanted, not {kind(value)}") from error
    if array.dtype.kind not in "iufb":
        raise Unrepresentable(f"numbers are wanted, not {kind(value)}")
    return array
