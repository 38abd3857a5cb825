"""What tasks are called, in words that tell the tasks of one curriculum apart."""

from __future__ import annotations

from collections.abc import Sequence

from envs.task import Task
from widgets.words import tr


def task_name(task: Task, among: Sequence[Task] = ()) -> str:
    """Return the task's title, with its options if another task of `among` has the same title."""
    title = tr(task.title)
    twins = [other for other in among if other.title == task.title and other.identity != task.identity]
    options = ", ".join(f"{key} {value}" for key, value in task.options.items())
    return f"{title} ({options})" if twins and options else title


def task_names(tasks: Sequence[Task]) -> list[str]:
    """Return a name a task, each different where their options differ."""
    return [task_name(task, tasks) for task in tasks]
