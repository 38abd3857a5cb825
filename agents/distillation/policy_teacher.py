"""A frozen policy as the teacher: it reads the same sentences as the student."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from agents.distillation import Teacher
from agents.policies import AgentPolicy
from agents.policies.batched import BatchedPolicy, Numbers
from agents.policies.factory import policy_from_description
from agents.state_tree import State
from envs import World


class PolicyTeacher(Teacher):
    """Decides as an agent did in a task of its own, or as a language model would; its actions may be in another order.

    `actions` are those of the student's task, `task_id` is the task of the policy that offers
    the same. Raises ValueError if it offers others.
    """

    def __init__(self, policy: AgentPolicy, task_id: int, actions: Sequence[str], *, lasts: bool = True) -> None:
        self._policy, self._task_id, self._lasts = policy.eval().requires_grad_(False), task_id, lasts
        offered = policy.action_sets[task_id]
        if sorted(offered) != sorted(actions):
            raise ValueError(f"it offers {', '.join(offered)}, and the task {', '.join(actions)}")
        self._actions = tuple(actions)
        self._order = [offered.index(action) for action in actions]
        self.begin_rollout()

    def begin_rollout(self) -> None:
        """Forget the answers of before."""
        self._answers = BatchedPolicy(self._policy, self._task_id)

    def probabilities(self, worlds: Sequence[World], texts: Sequence[str]) -> Numbers:
        """Return the policy's own probabilities."""
        probabilities: Numbers = np.exp(self._answers.log_probs(self._answers.ask(texts)))[:, self._order]
        return probabilities

    def state(self) -> State | None:
        """Return the policy; None for one that lasts where it is, such as a language model's folder."""
        if self._lasts:
            return None
        return {
            "description": self._policy.description(),
            "weights": dict(self._policy.state_dict()),
            "task_id": self._task_id,
            "actions": list(self._actions),
        }


def restored_teacher(state: State, device: torch.device) -> PolicyTeacher:
    """Return the reader that `state` was taken of, though what it came from may have gone on or be gone."""
    policy = policy_from_description(state["description"]).to(device)
    policy.load_state_dict(state["weights"])
    return PolicyTeacher(policy, state["task_id"], state["actions"], lasts=False)
