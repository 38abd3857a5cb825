"""A scripted expert as the teacher: it reads the environment's state; all its best actions are equally likely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.distillation import Teacher
from agents.policies.batched import Numbers
from envs import World
from envs.experts import BestActions


class ScriptedTeacher(Teacher):
    """An optimal policy that uses the state of the environment, not only its sentence."""

    def __init__(self, best: BestActions) -> None:
        self._best = best

    def probabilities(self, worlds: Sequence[World], texts: Sequence[str]) -> Numbers:
        """Return probabilities (N, A), uniform over the best actions of each environment."""
        probabilities = np.zeros((len(worlds), len(worlds[0].actions)), dtype=np.float32)
        for row, world in zip(probabilities, worlds, strict=True):
            best = list(self._best(world))
            row[best] = 1 / len(best)
        return probabilities
