"""Instructions are subgoals that the agent writes for itself on the way to a goal, and then follows.

One policy makes decisions at two levels. The writer reads the goal and chooses the next instruction, one of the phrases
that the environment can check; the actor reads the instruction instead of the goal, and chooses actions. Each
instruction is an option (Sutton, Precup & Singh, 1999) that is described by a sentence, as in Jiang et al. (2019).
"""

from __future__ import annotations

OPENING = "next :"
"""The words before an observation in the prompt of the writer."""
WRITER_OFFSET = 500
"""Maximum number of tasks of a run; the writer's action sets have task ids from here on."""


def writer_task_id(task_id: int) -> int:
    """Return the task id of the action set from which instructions are chosen in the task `task_id`."""
    return WRITER_OFFSET + task_id
