"""Teachers: policies that give action probabilities for a task, which a student distils.

Shapes: N environments, A actions of the student's task.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from agents.policies.batched import Numbers
from agents.state_tree import State
from envs import World


class Teacher(ABC):
    """Gives action probabilities in the environments of one task. It is never trained."""

    @abstractmethod
    def probabilities(self, worlds: Sequence[World], texts: Sequence[str]) -> Numbers:
        """Return the probability of each action, (N, A), in N environments that show the sentences `texts`."""

    def begin_rollout(self) -> None:  # noqa: B027  a teacher without a cache needs nothing here
        """Drop cached outputs, at the start of a rollout.

        The composition of a batch affects the last bit of its outputs. A run that is resumed here has an empty cache,
        so the cache must be empty in the original run, too.
        """

    def state(self) -> State | None:
        """Return what a run must store to rebuild the teacher; None if it can be created again from its name."""
        return None
