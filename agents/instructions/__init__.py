"""Instructions are subgoals that the agent writes for itself on the way to a goal, and then follows.

Two levels of decisions, both the same agent's: the writer reads the goal and says what to do next, one of the phrases
that the world can check; the actor reads that in the goal's place and takes the steps. Each phrase is an option in the
sense of Sutton, Precup & Singh (1999) that is named by a sentence, as in Jiang et al. (2019).
"""

from __future__ import annotations

OPENING = "next :"
"""The words that turn a sentence into the question what to do next."""
WRITERS = 500
"""Tasks that a run has at most: menus from this column on hold instructions."""


def writer_of(task_id: int) -> int:
    """Return the column of the menu from which instructions are chosen in the task at `task_id`."""
    return WRITERS + task_id
