"""An MLP policy on numeric observations, without language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

from agents.language import Prompts
from agents.policies import Observations, Policy

HIDDEN = (64, 64)
CAUTION = 0.01
"""Size of the last weights of the choice: an untrained policy is nearly indifferent (Andrychowicz et al., 2021)."""


class MLPPolicy(Policy):
    """Reads sentences that are bare numbers, as `envs.gym_worlds.numeric` writes them: a control.

    Choice and value have a network each, drawn orthogonally, with no weight in common. One
    policy may serve several tasks if they have equally many numbers.
    """

    def __init__(self, inputs: int, actions: int, generator: torch.Generator) -> None:
        super().__init__()
        self.choice = mlp((inputs, *HIDDEN, actions), nn.Tanh, generator)
        self.worth = mlp((inputs, *HIDDEN, 1), nn.Tanh, generator)
        for network, last in ((self.choice, CAUTION), (self.worth, 1.0)):
            _orthogonalise(network, last, generator)
        self.action_sets: dict[int, tuple[str, ...]] = {}
        """The phrases that each column offers."""
        self._inputs, self._actions = inputs, actions

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Get to know a task's actions. Raises ValueError if there are more than the network has outputs."""
        if len(actions) > self._actions:
            raise ValueError(f"a task offers {len(actions)} actions, the network has {self._actions}; make it wider")
        self.action_sets[task_id] = tuple(actions)

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Read the numbers of each sentence. Raises ValueError where they are not as many as the network's inputs."""
        return numbers_of(texts, task_ids, self._inputs, next(self.parameters()).device)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution over each decision's own actions, and its value (B,)."""
        seen = observations.prompts.tokens[observations.rows]
        logits = self.choice(seen)
        logits = logits.masked_fill(~self._offered(observations.task_ids), torch.finfo(logits.dtype).min)
        return Categorical(logits=logits, validate_args=False), self.worth(seen).squeeze(-1)

    def _offered(self, task_ids: Tensor) -> Tensor:
        """Return (B, A) whether the decision's task has such an action."""
        counts = torch.zeros(max(self.action_sets) + 1, dtype=torch.long, device=task_ids.device)
        for task_id, action_set in self.action_sets.items():
            counts[task_id] = len(action_set)
        return torch.arange(self._actions, device=task_ids.device) < counts[task_ids, None]


def numbers_of(texts: Sequence[str], task_ids: Sequence[int], inputs: int, device: torch.device) -> Observations:
    """Read sentences of `inputs` numbers each: the tokens are the numbers themselves, (B, inputs) of float32.

    Raises ValueError where a sentence has more or fewer.
    """
    rows = [[float(number) for number in text.split()] for text in texts]
    if any(len(row) != inputs for row in rows):
        raise ValueError(f"the network reads {inputs} numbers, got {max(rows, key=len)}")
    return as_observations(torch.tensor(rows, dtype=torch.float32, device=device), task_ids)


def as_observations(vectors: Tensor, task_ids: Sequence[int]) -> Observations:
    """Return (B, inputs) vectors as the B decisions of the tasks at `task_ids`."""
    device = vectors.device
    lengths = torch.full((len(vectors),), vectors.shape[1], device=device)
    every = torch.arange(len(vectors), device=device)
    return Observations(Prompts(vectors, lengths), every, torch.tensor(task_ids, dtype=torch.long, device=device))


def _orthogonalise(network: nn.Sequential, last: float, generator: torch.Generator) -> None:
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    for layer in layers:
        gain = last if layer is layers[-1] else math.sqrt(2)
        nn.init.orthogonal_(layer.weight, gain, generator=generator)
        nn.init.zeros_(layer.bias)


def mlp(sizes: Sequence[int], activation: type[nn.Module], generator: torch.Generator) -> nn.Sequential:
    """Return layers of these `sizes`, drawn from `generator` as PyTorch draws them: uniform within 1 / sqrt(inputs)."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
        with torch.no_grad():
            for weight in (layer.weight, layer.bias):
                weight.uniform_(-(inputs**-0.5), inputs**-0.5, generator=generator)
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1])
