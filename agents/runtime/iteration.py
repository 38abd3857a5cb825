"""The result of a generator: what it returns after its last `yield`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")


class Iteration(Generic[Step, Result]):
    """Iterates over what a generator yields, once, and keeps what it returns as `result`.

    A `for` loop drops a generator's return value; `yield from` passes on every step as it is.
    """

    result: Result
    """What the generator returned; not set before it has ended."""

    def __init__(self, work: Generator[Step, None, Result]) -> None:
        self._work = work

    def __iter__(self) -> Iterator[Step]:
        self.result = yield from self._work

    def close(self) -> None:
        """End the generator before its end: it has no result then."""
        self._work.close()


def drain(work: Generator[object, None, Result]) -> Result:
    """Run a generator to its end; return its result."""
    iteration = Iteration(work)
    for _ in iteration:
        pass
    return iteration.result
