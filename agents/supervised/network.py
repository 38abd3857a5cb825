"""A small digit classifier with the policy interface that strategies expect."""

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
    """64 pixels, 100 hidden units, 10 digits. A sentence is 64 numbers; an action names one of the task's digits."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.hidden, self.output = nn.Linear(PIXELS, HIDDEN), nn.Linear(HIDDEN, CLASSES)
        self.action_sets = torch.zeros(0, 0, dtype=torch.long)
        """(C, A) the digits that each task offers; all tasks of a sequence offer equally many."""
        with torch.no_grad():
            for layer in (self.hidden, self.output):
                bound = layer.in_features**-0.5
                for weight in (layer.weight, layer.bias):
                    weight.copy_(bound * (2 * torch.rand(weight.shape, generator=generator) - 1))

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str] = ()) -> None:
        """Get to know which digits a task offers. Tasks are met in the order of their columns."""
        menu = torch.tensor([[int(action) for action in actions]])
        self.action_sets = torch.cat([self.action_sets.reshape(-1, len(actions)), menu])

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Read images that are written as 64 numbers."""
        images = torch.tensor([[int(word) for word in text.split()] for text in texts]).reshape(len(texts), PIXELS)
        return observed(images, torch.tensor(task_ids))

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution over each decision's own digits; nothing is worth anything here, so values are 0."""
        pixels = observations.prompts.tokens.to(self.hidden.weight.dtype) / BRIGHTEST
        every = self.output(F.relu(self.hidden(pixels)))[observations.rows]  # (B, 10)
        logits = every.gather(1, self.action_sets[observations.task_ids])
        # checking each distribution would take as long as computing it
        return Categorical(logits=logits, validate_args=False), logits.new_zeros(len(logits))


def observed(images: Tensor, task_ids: Tensor) -> Observations:
    """Return one decision an image, (B, 64)."""
    rows = torch.arange(len(images))
    return Observations(Prompts(images, torch.full_like(rows, PIXELS)), rows, task_ids)


def written(image: Tensor) -> str:
    """Return an image as the memory keeps it."""
    return " ".join(map(str, image.tolist()))
