"""Query a teacher at every step of a rollout, and let it act where the settings say so.

Shapes: N environments, A actions.
"""

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

TEACHER_SHARE: Mapping[str, int] = {"student": 0, "both": 1, "teacher": 2}
"""Number of environments, out of each two neighbours, in which the teacher acts."""


@dataclass(frozen=True, slots=True)
class TeacherOutput:
    """A teacher's decision at one step of N environments."""

    probabilities: Numbers
    """(N, A) of each action."""
    choices: Rows
    """(N,) index of the likeliest action; ties are broken at random."""

    @property
    def log_probs(self) -> Numbers:
        """(N, A) log-probabilities, finite even for a probability of 0."""
        return np.log(np.maximum(self.probabilities, np.finfo(np.float32).tiny))


def joined(parts: Sequence[TeacherOutput]) -> TeacherOutput:
    """Concatenate the outputs for several tasks, (N, A) each, padding A to the largest action set."""
    widest = max(part.probabilities.shape[1] for part in parts)
    probabilities = [np.pad(part.probabilities, ((0, 0), (0, widest - part.probabilities.shape[1]))) for part in parts]
    return TeacherOutput(np.concatenate(probabilities), np.concatenate([part.choices for part in parts]))


@dataclass(frozen=True, slots=True)
class Supervision:
    """The teacher of one task and the settings of its teaching."""

    teacher: Teacher
    teaching: Teaching

    def acting(self, student: Numbers, advice: TeacherOutput) -> Numbers:
        """Return the log-probabilities (N, A) to act by: per environment those of the student or of the teacher."""
        share = TEACHER_SHARE[self.teaching.actor]
        is_teacher = np.arange(len(student)) % 2 < share
        return np.where(is_teacher[:, None], advice.log_probs, student[:, : advice.probabilities.shape[1]])

    def advise(self, worlds: Sequence[World], texts: Sequence[str], generator: torch.Generator) -> TeacherOutput:
        """Query the teacher for one step. It reads the environments without the student's retrieved knowledge."""
        inside = [world.inside if isinstance(world, KnowledgeWrapper) else world for world in worlds]
        own_texts = [
            world.prompt_text if isinstance(world, KnowledgeWrapper) else text
            for world, text in zip(worlds, texts, strict=True)
        ]
        probabilities = self.teacher.probabilities(inside, own_texts)
        with np.errstate(divide="ignore"):  # log 0 is minus infinity, never the likeliest
            return TeacherOutput(probabilities, likeliest(np.log(probabilities), generator))
