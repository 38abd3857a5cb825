"""Meta-test: the success rate after a few episodes on tasks that were held out."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch

from agents.config import RunConfig
from agents.infer.evaluation import Evaluator
from agents.meta.inner_loop import InnerLoop, own_weights
from agents.meta.task_family import FamilyMember, member_task
from agents.policies import Policy
from agents.registry import build
from envs.task import Task

LOOKS = (0, 1, 2, 4, 8)
"""Times of learning after which a pupil is scored."""


class MetaTest:
    """Lets any policy adapt to a member: same worlds, same dice, same inner loop, so that only its start differs."""

    def __init__(self, task: Task, task_id: int, config: RunConfig) -> None:
        self._task, self._task_id, self._config = task, task_id, config
        self.episodes = tuple(look * config.meta.episodes for look in LOOKS)
        """How many episodes have been lived at each look."""

    def curve(self, policy: Policy, member: int) -> Generator[object, None, tuple[float, ...]]:
        """Return the success at each look, yielding at every step; `policy` is left as it is."""
        meta = self._config.meta
        worlds_seed, exam_seed, rng = np.random.SeedSequence([self._config.seed, 2, member]).spawn(3)
        seeds, shuffle = (torch.Generator().manual_seed(int(word)) for word in rng.generate_state(2))
        task = member_task(self._task, member)
        worlds = FamilyMember(task, self._task_id, meta.episodes, worlds_seed)
        examiner = Evaluator(self._config.evaluation, exam_seed)
        how, largest = build(self._config.algorithm), self._config.learning.max_grad_norm
        pupil = InnerLoop(policy, own_weights(policy), how, meta.inner_lr, shuffle, largest)
        scores = []
        for time in range(LOOKS[-1] + 1):
            if time in LOOKS:
                scores.append((yield from examiner.examine(pupil.policy, task, self._task_id)))
            if time < LOOKS[-1]:
                pupil.learn((yield from worlds.collect(pupil.policy, seeds)))
        return tuple(scores)
