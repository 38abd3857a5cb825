"""Names of tasks, which differ within a curriculum, with the hue of each task."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from envs.task import Task
from widgets.style.task_colours import Hues, hues
from widgets.style.translation import tr


class TaskName(str):
    """A task's name with the task's hue; equal only if both are equal."""

    __slots__ = ("hue",)

    hue: int

    @classmethod
    def of(cls, name: str, hue: int) -> TaskName:
        """Return a name with a hue."""
        task_name = cls(name)
        task_name.hue = hue
        return task_name

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True and getattr(other, "hue", self.hue) == self.hue

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def task_name(task: Task, among: Sequence[Task] = ()) -> str:
    """Return the task's title, with its options if another task of `among` has the same title."""
    title = tr(task.title)
    namesakes = [other for other in among if other.title == task.title and other.identity != task.identity]
    options = ", ".join(f"{key} {value}" for key, value in task.options.items())
    return f"{title} ({options})" if namesakes and options else title


def task_names(tasks: Sequence[Task], known: Hues = MappingProxyType({})) -> list[TaskName]:
    """Return the name of every task, with its options where titles are equal, with its hue.

    `known` has the hues that tasks have already; other tasks get free ones.
    """
    return [TaskName.of(task_name(task, tasks), hue) for task, hue in zip(tasks, hues(tasks, known), strict=True)]


def hue_of(names: Sequence[TaskName], task_id: int | None) -> int | None:
    """Return the hue of a task by its id; the hue of a task that is not in `names` yet is its id."""
    return names[task_id].hue if task_id is not None and task_id < len(names) else task_id
