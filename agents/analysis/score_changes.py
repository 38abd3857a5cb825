"""Differences of each task's score between one step of a run and its newest evaluation."""

from __future__ import annotations

from agents.story import View


def then_and_now(view: View, column: int) -> tuple[float | None, float | None]:
    """Return the last score of a task known in `view`, and the last one of the whole run; None: not measured."""
    return _last(view, column), _last(view.story.until(), column)


def _last(view: View, column: int) -> float | None:
    scores = view.curve(column)[1]
    return float(scores[-1]) if len(scores) else None


def most_changed(view: View) -> int | None:
    """Return the column whose score differs most between then and now, or None where no score is known to differ.

    Of two that differ alike, it is the one that fell: what was lost is harder to see than what was learned.
    """
    pairs = {column: then_and_now(view, column) for column in range(len(view.tasks))}
    changes = {column: now - then for column, (then, now) in pairs.items() if then is not None and now is not None}
    column = max(changes, key=lambda column: (round(abs(changes[column]), 3), -changes[column]), default=None)
    return column if column is not None and changes[column] else None
