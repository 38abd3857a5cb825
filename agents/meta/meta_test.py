"""Meta-test: the success rate on held-out family members after a few rollouts of adaptation."""

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

EVALUATED_AFTER = (0, 1, 2, 4, 8)
"""Numbers of rollouts of adaptation after which the policy is evaluated."""


class MetaTest:
    """Adapts policies to a member with equal environments, seeds and inner loop, so that only their start differs."""

    def __init__(self, task: Task, task_id: int, config: RunConfig) -> None:
        self._task, self._task_id, self._config = task, task_id, config
        self.episodes = tuple(rollouts * config.meta.episodes for rollouts in EVALUATED_AFTER)
        """Number of episodes before each evaluation."""

    def curve(self, policy: Policy, member: int) -> Generator[object, None, tuple[float, ...]]:
        """Return the success rate at each evaluation, yielding at every step; `policy` does not change."""
        meta = self._config.meta
        worlds_seed, evaluation_seed, rng = np.random.SeedSequence([self._config.seed, 2, member]).spawn(3)
        action_rng, shuffle_rng = (torch.Generator().manual_seed(int(word)) for word in rng.generate_state(2))
        task = member_task(self._task, member)
        worlds = FamilyMember(task, self._task_id, meta.episodes, worlds_seed)
        evaluator = Evaluator(self._config.evaluation, evaluation_seed)
        algorithm, max_norm = build(self._config.algorithm), self._config.learning.max_grad_norm
        inner_loop = InnerLoop(policy, own_weights(policy), algorithm, meta.inner_lr, shuffle_rng, max_norm)
        scores = []
        for rollout in range(EVALUATED_AFTER[-1] + 1):
            if rollout in EVALUATED_AFTER:
                scores.append((yield from evaluator.examine(inner_loop.policy, task, self._task_id)))
            if rollout < EVALUATED_AFTER[-1]:
                inner_loop.learn((yield from worlds.collect(inner_loop.policy, action_rng)))
        return tuple(scores)
