"""Steps up to which runs share their history: a fork and its parent, or two forks of one run."""

from __future__ import annotations

from collections.abc import Sequence

from agents.story import Story


def branch_step(first: Story, second: Story) -> int | None:
    """Return the step up to which two runs share their history, or None if neither is a fork of the other's run."""
    if first.run and second.parent is not None and second.parent[0] == first.run:
        return second.parent[1]
    if second.run and first.parent is not None and first.parent[0] == second.run:
        return first.parent[1]
    if first.parent is not None and second.parent is not None and first.parent[0] == second.parent[0]:
        return min(first.parent[1], second.parent[1])
    return None


def fork_points(stories: Sequence[Story]) -> list[tuple[int, int] | None]:
    """Return for each run the index of the earlier run that shares most of its history, and the step up to which.

    None for a run that shares none. The first run is drawn in full, the others from there on, so that a shared
    history is drawn once.
    """
    points: list[tuple[int, int] | None] = []
    for index, story in enumerate(stories):
        # of equally long histories, that of the first run: hence the negated index
        shared = [
            (step, -earlier) for earlier in range(index) if (step := branch_step(stories[earlier], story)) is not None
        ]
        step, negated = max(shared, default=(0, 0))
        points.append((-negated, step) if shared else None)
    return points
