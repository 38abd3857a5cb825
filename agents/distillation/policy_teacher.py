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
    """Gives the probabilities of a frozen policy in one of its tasks, whose actions may be in another order.

    `actions` are those of the student's task; `task_id` is the id of a task of the policy with the same actions.
    With `lasts`, the policy can be created again from its name, so that `state` is None. Raises ValueError if the
    actions differ.
    """

    def __init__(self, policy: AgentPolicy, task_id: int, actions: Sequence[str], *, lasts: bool = True) -> None:
        self._policy, self._task_id, self._lasts = policy.eval().requires_grad_(False), task_id, lasts
        own_actions = policy.action_sets[task_id]
        if sorted(own_actions) != sorted(actions):
            raise ValueError(f"its actions are {', '.join(own_actions)}, and those of the task {', '.join(actions)}")
        self._actions = tuple(actions)
        self._order = [own_actions.index(action) for action in actions]
        self.begin_rollout()

    def begin_rollout(self) -> None:
        """Drop cached outputs."""
        self._outputs = BatchedPolicy(self._policy, self._task_id)

    def probabilities(self, worlds: Sequence[World], texts: Sequence[str]) -> Numbers:
        """Return the policy's probabilities, (N, A), in the order of the student's actions."""
        probabilities: Numbers = np.exp(self._outputs.log_probs(self._outputs.rows_for(texts)))[:, self._order]
        return probabilities

    def state(self) -> State | None:
        """Return description and weights of the policy; None if it can be created again from its name."""
        if self._lasts:
            return None
        return {
            "description": self._policy.description(),
            "weights": dict(self._policy.state_dict()),
            "task_id": self._task_id,
            "actions": list(self._actions),
        }


def restored_teacher(state: State, device: torch.device) -> PolicyTeacher:
    """Rebuild a teacher from its `state`; the run or file that it came from is not needed."""
    policy = policy_from_description(state["description"]).to(device)
    policy.load_state_dict(state["weights"])
    return PolicyTeacher(policy, state["task_id"], state["actions"], lasts=False)
