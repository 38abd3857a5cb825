"""Query a teacher at every step of a rollout, and let it act where the settings say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from agents.distillation import Teacher
from agents.knowledge.wrapper import KnowledgeWrapper
from agents.policies.batched import Numbers, Rows, likeliest
from envs import World
from envs.teaching import Teaching

SHOWN: Mapping[str, int] = {"student": 0, "both": 1, "teacher": 2}
"""In how many of two neighbouring worlds the teacher acts."""


@dataclass(frozen=True, slots=True)
class TeacherOutput:
    """What a teacher says about one moment of N worlds."""

    probabilities: Numbers
    """(N, A) how likely it would take each action."""
    choices: Rows
    """(N,) the action that it likes best; of several, one by lot."""

    @property
    def log_probs(self) -> Numbers:
        """(N, A) the probabilities as log-probabilities, never infinite."""
        return np.log(np.maximum(self.probabilities, np.finfo(np.float32).tiny))


def joined(parts: Sequence[TeacherOutput]) -> TeacherOutput:
    """Return what was said about worlds of several tasks, as if they were of one that offers as much as any."""
    widest = max(part.probabilities.shape[1] for part in parts)
    probabilities = [np.pad(part.probabilities, ((0, 0), (0, widest - part.probabilities.shape[1]))) for part in parts]
    return TeacherOutput(np.concatenate(probabilities), np.concatenate([part.choices for part in parts]))


@dataclass(frozen=True, slots=True)
class Supervision:
    """A teacher of one task, and how it teaches."""

    teacher: Teacher
    teaching: Teaching

    def acting(self, student: Numbers, advice: TeacherOutput) -> Numbers:
        """Return the log-probabilities (N, A) by which to act: the student's, the teacher's, or in turn by worlds."""
        lead = SHOWN[self.teaching.actor]
        shows = np.arange(len(student)) % 2 < lead
        return np.where(shows[:, None], advice.log_probs, student[:, : advice.probabilities.shape[1]])

    def advise(self, worlds: Sequence[World], texts: Sequence[str], generator: torch.Generator) -> TeacherOutput:
        """Judge a moment. It sees the worlds themselves: what the student knows beside them is the student's."""
        inside = [world.inside if isinstance(world, KnowledgeWrapper) else world for world in worlds]
        heard = [
            world.prompt_text if isinstance(world, KnowledgeWrapper) else text
            for world, text in zip(worlds, texts, strict=True)
        ]
        probabilities = self.teacher.probabilities(inside, heard)
        with np.errstate(divide="ignore"):
            return TeacherOutput(probabilities, likeliest(np.log(probabilities), generator))
