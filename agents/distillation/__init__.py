"""Teachers: policies that give action probabilities for a task, which a student distils."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from agents.policies.batched import Numbers
from agents.state_tree import State
from envs import World


class Teacher(ABC):
    """Knows what to do in the worlds of one task. It never learns."""

    @abstractmethod
    def probabilities(self, worlds: Sequence[World], texts: Sequence[str]) -> Numbers:
        """Return how likely it would take each of the task's actions, (N, A), in N worlds that say these sentences."""

    def begin_rollout(self) -> None:  # noqa: B027  who keeps no answers needs none of this
        """Answer afresh from here on: what was read together decides the last bit, and a run may go on from here."""

    def state(self) -> State | None:
        """Return all that it knows, to be kept with the run; None if it can be had again as it is."""
        return None
