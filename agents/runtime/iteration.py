"""The result of a generator: what it returns after its last `yield`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")


class Iteration(Generic[Step, Result]):
    """Iterates once over a generator's steps, and stores its return value as `result`.

    A `for` loop would drop the return value.
    """

    result: Result
    """The generator's return value; not set before it has ended."""

    def __init__(self, work: Generator[Step, None, Result]) -> None:
        self._work = work

    def __iter__(self) -> Iterator[Step]:
        self.result = yield from self._work

    def close(self) -> None:
        """Close the generator early; `result` stays unset."""
        self._work.close()


def drain(work: Generator[object, None, Result]) -> Result:
    """Run a generator to its end; return its return value."""
    iteration = Iteration(work)
    for _ in iteration:
        pass
    return iteration.result
