"""Which colour each task has: the one that it got first, however tasks are ordered, in whichever run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from envs.task import Task

Hues = Mapping[str, int]
"""From the identity of a task to the place of its colour in `theme.TASK_COLOURS`; from 7 on, colours come again."""


class TaskColours:
    """Gives each task that is new to a document the next free colour; nothing else gives any."""

    def __init__(self) -> None:
        self._hues: dict[str, int] = {}

    @property
    def known(self) -> Hues:
        """The colours that were given so far; a task that was taken out keeps its own, as it may come back."""
        return dict(self._hues)

    def assign(self, tasks: Iterable[Task]) -> Hues:
        """Give the tasks that have no colour yet one each, in this order; return all that were given so far."""
        for task in tasks:
            self._hues.setdefault(task.identity, len(self._hues))
        return self.known

    def clear(self) -> None:
        """Begin anew, for another document."""
        self._hues.clear()


def hues(tasks: Sequence[Task], known: Hues) -> tuple[int, ...]:
    """Return the colour of each task; one that has none yet is shown in one that is free."""
    free = count(len(known))
    return tuple(next(free) if (hue := known.get(task.identity)) is None else hue for task in tasks)
