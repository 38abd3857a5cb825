"""Where runs part that have lived the same past: a fork and the run that it left."""

from __future__ import annotations

from collections.abc import Sequence

from agents.story import Story


def branch_step(one: Story, other: Story) -> int | None:
    """Return the step up to which two runs are one: forks of each other, or of the same run; None if they are not."""
    if one.run and other.parent is not None and other.parent[0] == one.run:
        return other.parent[1]
    if other.run and one.parent is not None and one.parent[0] == other.run:
        return one.parent[1]
    if one.parent is not None and other.parent is not None and one.parent[0] == other.parent[0]:
        return min(one.parent[1], other.parent[1])
    return None


def left(stories: Sequence[Story]) -> list[tuple[int, int] | None]:
    """Return for each run which of those before it shares the longest past with it, and up to which step.

    The first is shown whole, so that a past that runs share is shown once.
    """
    found: list[tuple[int, int] | None] = []
    for place, story in enumerate(stories):
        shared = [(step, -at) for at in range(place) if (step := branch_step(stories[at], story)) is not None]
        step, at = max(shared, default=(0, 0))
        found.append((-at, step) if shared else None)
    return found
