"""A plain Q-network as a policy, to compare DQN with implementations that have no value head."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

from agents.policies import Observations, Policy
from agents.policies.mlp import mlp, numbers_of


class ActionValuePolicy(Policy):
    """An MLP from the numbers of an observation to Q, the action values of one task.

    `agents.algorithms.dqn` reads every policy as Q = V + τ (logit - mean logit). With logits of Q / τ and V = mean Q
    that gives the network's output back, so DQN trains the plain Q-network of Mnih et al. (2015).
    """

    def __init__(self, sizes: Sequence[int], temperature: float, generator: torch.Generator) -> None:
        super().__init__()
        self.network = mlp(sizes, nn.ReLU, generator)
        self._inputs, self._actions, self._temperature = sizes[0], sizes[-1], temperature

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Check that the task has an action for each output. Raises ValueError otherwise."""
        if len(actions) != self._actions:
            raise ValueError(f"the network has {self._actions} outputs, the task {len(actions)} actions; make it fit")

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Parse the numbers of B sentences. Raises ValueError if a sentence has not one number for each input."""
        return numbers_of(texts, task_ids, self._inputs, next(self.parameters()).device)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return the distribution softmax(Q / τ), (B, A) for B observations and A actions, and the mean of Q, (B,)."""
        values = self.network(observations.prompts.tokens[observations.rows])  # (B, A)
        return Categorical(logits=values / self._temperature, validate_args=False), values.mean(1)
