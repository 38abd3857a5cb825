"""What tasks are called, in words that tell the tasks of one curriculum apart, and which colour goes with a name."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from envs.task import Task
from widgets.style.task_colours import Hues, hues
from widgets.style.translation import tr


class TaskName(str):
    """A task's name that knows the task's colour; two names are the same only if both are."""

    __slots__ = ("hue",)

    hue: int

    @classmethod
    def of(cls, name: str, hue: int) -> TaskName:
        """Return a name in a colour."""
        made = cls(name)
        made.hue = hue
        return made

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True and getattr(other, "hue", self.hue) == self.hue

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def task_name(task: Task, among: Sequence[Task] = ()) -> str:
    """Return the task's title, with its options if another task of `among` has the same title."""
    title = tr(task.title)
    twins = [other for other in among if other.title == task.title and other.identity != task.identity]
    options = ", ".join(f"{key} {value}" for key, value in task.options.items())
    return f"{title} ({options})" if twins and options else title


def task_names(tasks: Sequence[Task], known: Hues = MappingProxyType({})) -> list[TaskName]:
    """Return a name a task, each different where their options differ, in the colours that are `known`."""
    return [TaskName.of(task_name(task, tasks), hue) for task, hue in zip(tasks, hues(tasks, known), strict=True)]


def hue_of(names: Sequence[TaskName], task_id: int | None) -> int | None:
    """Return the colour of a matrix column, given the names of all; one that is not known yet goes by its place."""
    return names[task_id].hue if task_id is not None and task_id < len(names) else task_id
