"""Changes of a task's score between one step of a run and its newest evaluation."""

from __future__ import annotations

from agents.story import View


def then_and_now(view: View, task_id: int) -> tuple[float | None, float | None]:
    """Return the last score of a task in `view`, and the last one of the whole run; None if not evaluated."""
    return _last(view, task_id), _last(view.story.until(), task_id)


def _last(view: View, task_id: int) -> float | None:
    scores = view.curve(task_id)[1]
    return float(scores[-1]) if len(scores) else None


def most_changed(view: View) -> int | None:
    """Return the task id whose score has changed most since `view`; None if no score has changed.

    Of two equal changes, a fall is preferred to a rise.
    """
    pairs = {task_id: then_and_now(view, task_id) for task_id in range(len(view.tasks))}
    changes = {task_id: now - then for task_id, (then, now) in pairs.items() if then is not None and now is not None}
    task_id = max(changes, key=lambda task_id: (round(abs(changes[task_id]), 3), -changes[task_id]), default=None)
    return task_id if task_id is not None and changes[task_id] else None
