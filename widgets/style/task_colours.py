"""Colours of tasks: a task keeps the first colour it got, in every run and in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from envs.task import Task

Hues = Mapping[str, int]
"""From a task's identity to its hue: an index into `theme.TASK_COLOURS`, taken modulo their number."""


class TaskColours:
    """Assigns each new task of a document the next free hue."""

    def __init__(self) -> None:
        self._hues: dict[str, int] = {}

    @property
    def known(self) -> Hues:
        """All assigned hues; a removed task keeps its hue, because it may be added again."""
        return dict(self._hues)

    def assign(self, tasks: Iterable[Task]) -> Hues:
        """Assign hues to the tasks that have none, in this order; return all assigned hues."""
        for task in tasks:
            self._hues.setdefault(task.identity, len(self._hues))
        return self.known

    def clear(self) -> None:
        """Remove all assigned hues, for another document."""
        self._hues.clear()


def hues(tasks: Sequence[Task], known: Hues) -> tuple[int, ...]:
    """Return the hue of each task; tasks without an assigned hue get free ones."""
    free = count(len(known))
    return tuple(next(free) if (hue := known.get(task.identity)) is None else hue for task in tasks)
