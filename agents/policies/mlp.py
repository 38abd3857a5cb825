"""An MLP policy on numeric observations, without language. Shapes: B decisions, I inputs, A actions."""

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
ACTOR_GAIN = 0.01
"""Gain of the actor's last layer: an untrained policy is close to uniform (Andrychowicz et al., 2021)."""


class MLPPolicy(Policy):
    """Reads sentences of bare numbers, as `envs.gym_worlds.numeric` writes them: a control for language.

    Actor and critic are separate networks with orthogonal initial weights. One policy can
    serve several tasks with the same number of inputs.
    """

    def __init__(self, inputs: int, actions: int, generator: torch.Generator) -> None:
        super().__init__()
        self.actor = mlp((inputs, *HIDDEN, actions), nn.Tanh, generator)
        self.critic = mlp((inputs, *HIDDEN, 1), nn.Tanh, generator)
        for network, last_gain in ((self.actor, ACTOR_GAIN), (self.critic, 1.0)):
            _orthogonalise(network, last_gain, generator)
        self.action_sets: dict[int, tuple[str, ...]] = {}
        """The action phrases of each task, by task id."""
        self._inputs, self._actions = inputs, actions

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Register a task's actions. Raises ValueError if there are more than the network has outputs."""
        if len(actions) > self._actions:
            raise ValueError(f"a task offers {len(actions)} actions, the network has {self._actions}; make it wider")
        self.action_sets[task_id] = tuple(actions)

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Parse the numbers of each sentence. Raises ValueError if one has more or fewer than the network's inputs."""
        return numbers_of(texts, task_ids, self._inputs, next(self.parameters()).device)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution with logits (B, A) over each decision's action set, and values (B,)."""
        inputs = observations.prompts.tokens[observations.rows]
        logits = self.actor(inputs)
        logits = logits.masked_fill(~self._offered(observations.task_ids), torch.finfo(logits.dtype).min)
        return Categorical(logits=logits, validate_args=False), self.critic(inputs).squeeze(-1)

    def _offered(self, task_ids: Tensor) -> Tensor:
        """Return the mask (B, A) of the actions that each decision's task has."""
        counts = torch.zeros(max(self.action_sets) + 1, dtype=torch.long, device=task_ids.device)
        for task_id, action_set in self.action_sets.items():
            counts[task_id] = len(action_set)
        return torch.arange(self._actions, device=task_ids.device) < counts[task_ids, None]


def numbers_of(texts: Sequence[str], task_ids: Sequence[int], inputs: int, device: torch.device) -> Observations:
    """Parse sentences of `inputs` numbers each; the prompts' tokens are the numbers themselves, (B, I) of float32.

    Raises ValueError where a sentence has more or fewer.
    """
    rows = [[float(number) for number in text.split()] for text in texts]
    if any(len(row) != inputs for row in rows):
        raise ValueError(f"the network reads {inputs} numbers, got {max(rows, key=len)}")
    return as_observations(torch.tensor(rows, dtype=torch.float32, device=device), task_ids)


def as_observations(vectors: Tensor, task_ids: Sequence[int]) -> Observations:
    """Return vectors (B, I) as the observations of B decisions."""
    device = vectors.device
    lengths = torch.full((len(vectors),), vectors.shape[1], device=device)
    rows = torch.arange(len(vectors), device=device)
    return Observations(Prompts(vectors, lengths), rows, torch.tensor(task_ids, dtype=torch.long, device=device))


def _orthogonalise(network: nn.Sequential, last_gain: float, generator: torch.Generator) -> None:
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    for layer in layers:
        gain = last_gain if layer is layers[-1] else math.sqrt(2)
        nn.init.orthogonal_(layer.weight, gain, generator=generator)
        nn.init.zeros_(layer.bias)


def mlp(sizes: Sequence[int], activation: type[nn.Module], generator: torch.Generator) -> nn.Sequential:
    """Return layers of these `sizes`, with initial weights uniform within 1 / sqrt(inputs), PyTorch's default."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
        with torch.no_grad():
            for weight in (layer.weight, layer.bias):
                weight.uniform_(-(inputs**-0.5), inputs**-0.5, generator=generator)
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1])
