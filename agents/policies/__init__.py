"""Policies turn sentences into a choice among words, and a value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

from agents.events import MemoryEntry
from agents.language import Prompts


@dataclass(frozen=True, slots=True)
class Observations:
    """B decisions to take. Equal sentences are stored, and computed, once."""

    prompts: Prompts
    """The U distinct sentences."""
    rows: Tensor
    """(B,) which sentence each decision reads."""
    columns: Tensor
    """(B,) which task's actions it chooses among."""

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, chosen: Tensor) -> Observations:
        """Select decisions, and drop the sentences that none of them reads."""
        used, rows = torch.unique(self.rows[chosen], return_inverse=True)
        return Observations(self.prompts[used], rows, self.columns[chosen])


Act = Callable[[Observations], tuple[Categorical, Tensor]]
"""What a loss needs of a policy: it can be called. Adapted weights can be, too."""


class Policy(nn.Module, ABC):
    """Anything that can act. One policy serves every task."""

    @abstractmethod
    def meet(self, column: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Get to know a task: the phrases it offers, and the words its world uses."""

    @abstractmethod
    def encode(self, texts: Sequence[str], columns: Sequence[int]) -> Observations:
        """Prepare sentences, one a decision, on the device of the weights."""

    def recall(self, entries: Sequence[MemoryEntry]) -> Observations:
        """Prepare what is remembered, to be decided again."""
        return self.encode([entry.text for entry in entries], [entry.column for entry in entries])

    @abstractmethod
    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution over each decision's own actions, and its value (B,).

        Logits are (B, A) with A the longest list of actions; what a task does not offer
        is masked by the dtype's minimum, never by -inf, which would turn `kl_div` into NaN.
        """


def draw(distribution: Categorical, generator: torch.Generator) -> Tensor:
    """Sample from `generator`, wherever it lives; `Categorical.sample` would draw from the global one."""
    probabilities = distribution.probs
    drawn = torch.multinomial(probabilities.to(generator.device), 1, generator=generator)
    return drawn.squeeze(-1).to(probabilities.device)
