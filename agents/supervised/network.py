"""A small digit classifier with the policy interface that strategies expect.

Shapes: B decisions, C tasks with A digits each.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.nn import functional as F

from agents.language import Prompts
from agents.policies import Observations, Policy
from agents.supervised.digits import CLASSES, PIXELS

HIDDEN, BRIGHTEST = 100, 16


class DigitPolicy(Policy):
    """An MLP with 64 inputs, 100 hidden units and 10 outputs. A sentence is 64 numbers; an action is a task's digit."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.hidden, self.output = nn.Linear(PIXELS, HIDDEN), nn.Linear(HIDDEN, CLASSES)
        self.action_sets = torch.zeros(0, 0, dtype=torch.long)
        """(C, A) the digits of each task; all tasks of a sequence have equally many."""
        with torch.no_grad():
            for layer in (self.hidden, self.output):
                bound = layer.in_features**-0.5
                for weight in (layer.weight, layer.bias):
                    weight.copy_(bound * (2 * torch.rand(weight.shape, generator=generator) - 1))

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str] = ()) -> None:
        """Register the digits of a task. Tasks must be added in the order of their ids."""
        menu = torch.tensor([[int(action) for action in actions]])
        self.action_sets = torch.cat([self.action_sets.reshape(-1, len(actions)), menu])

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Parse images that are written as 64 numbers."""
        images = torch.tensor([[int(word) for word in text.split()] for text in texts]).reshape(len(texts), PIXELS)
        return as_observations(images, torch.tensor(task_ids))

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution with logits (B, A) over each decision's digits, and values of 0, (B,)."""
        pixels = observations.prompts.tokens.to(self.hidden.weight.dtype) / BRIGHTEST
        all_logits = self.output(F.relu(self.hidden(pixels)))[observations.rows]  # (B, 10)
        logits = all_logits.gather(1, self.action_sets[observations.task_ids])
        # validating the distribution would take as long as computing it
        return Categorical(logits=logits, validate_args=False), logits.new_zeros(len(logits))


def as_observations(images: Tensor, task_ids: Tensor) -> Observations:
    """Return images (B, 64) as the observations of B decisions with `task_ids` (B,)."""
    rows = torch.arange(len(images))
    return Observations(Prompts(images, torch.full_like(rows, PIXELS)), rows, task_ids)


def as_text(image: Tensor) -> str:
    """Return the 64 numbers of an image, (64,), separated by spaces: the text of a memory entry."""
    return " ".join(map(str, image.tolist()))
