"""A network of action values as a policy, so that DQN can be held against one that has no other network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

from agents.policies import Observations, Policy
from agents.policies.mlp import mlp, numbers_of


class ActionValuePolicy(Policy):
    """Reads sentences that are bare numbers; its network's outputs are Q, the values of the actions of one task.

    `agents.algorithms.dqn` reads every policy as Q = V + τ (logit - mean logit). With logits of Q / τ and V = mean Q
    that is the network's output again, so what is learned is the plain Q-network of Mnih et al. (2015).
    """

    def __init__(self, sizes: Sequence[int], temperature: float, generator: torch.Generator) -> None:
        super().__init__()
        self.network = mlp(sizes, nn.ReLU, generator)
        self._inputs, self._actions, self._temperature = sizes[0], sizes[-1], temperature

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Get to know a task. Raises ValueError unless it has an action for each output."""
        if len(actions) != self._actions:
            raise ValueError(f"the network has {self._actions} outputs, the task {len(actions)} actions; make it fit")

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Read the numbers of each sentence. Raises ValueError where they are not as many as the network's inputs."""
        return numbers_of(texts, task_ids, self._inputs, next(self.parameters()).device)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution over the actions, the softmax of Q / τ (B, A), and the mean of Q (B,)."""
        values = self.network(observations.prompts.tokens[observations.rows])  # (B, A)
        return Categorical(logits=values / self._temperature, validate_args=False), values.mean(1)
