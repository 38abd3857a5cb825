"""The interface of policies: sentences to a distribution over action phrases, and a value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

from agents.events import MemoryEntry
from agents.language import Prompts
from agents.language.context_limit import ContextLimit


@dataclass(frozen=True, slots=True)
class Observations:
    """B decisions to take. Equal sentences are stored, and computed, once."""

    prompts: Prompts
    """The U distinct sentences."""
    rows: Tensor
    """(B,) which sentence each decision reads."""
    task_ids: Tensor
    """(B,) which task's actions it chooses among."""
    allowed: Tensor | None = None
    """(B, A) which of these it may choose now; None: all of them."""

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, chosen: Tensor) -> Observations:
        """Select decisions, and drop the sentences that none of them reads."""
        used, rows = torch.unique(self.rows[chosen], return_inverse=True)
        allowed = None if self.allowed is None else self.allowed[chosen]
        return Observations(self.prompts[used], rows, self.task_ids[chosen], allowed)

    @classmethod
    def read(
        cls, texts: Sequence[str], task_ids: Sequence[int], encode: Callable[[list[str]], Prompts]
    ) -> Observations:
        """Prepare sentences; equal ones are encoded once, in an order that lets neighbours share their beginnings."""
        distinct = sorted(set(texts))
        places = {text: place for place, text in enumerate(distinct)}
        prompts = encode(distinct)
        device = prompts.tokens.device
        rows = torch.tensor([places[text] for text in texts], dtype=torch.long, device=device)
        return cls(prompts, rows, torch.tensor(task_ids, dtype=torch.long, device=device))


Act = Callable[[Observations], tuple[Categorical, Tensor]]
"""What a loss needs of a policy: it can be called. Adapted weights can be, too."""
Attention = tuple[tuple[str, float], ...]
"""Words, and how much was looked at each; the shares sum to 1. Empty for what does not look."""


class Policy(nn.Module, ABC):
    """Anything that can act. One policy serves every task."""

    @abstractmethod
    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Get to know a task: the phrases it offers, and the words its world uses."""

    @abstractmethod
    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Prepare sentences, one a decision, on the device of the weights."""

    def recall(self, entries: Sequence[MemoryEntry]) -> Observations:
        """Prepare what is remembered, to be decided again."""
        return self.encode([entry.text for entry in entries], [entry.task_id for entry in entries])

    @abstractmethod
    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution over each decision's own actions, and its value (B,).

        Logits are (B, A) with A the longest list of actions; what a task does not offer
        is masked by the dtype's minimum, never by -inf, which would turn `kl_div` into NaN.
        """

    def consider(self, text: str, task_id: int) -> tuple[Categorical, Tensor, Attention]:
        """Return what `forward` returns for one sentence, and how much was looked at each of its words."""
        return *self(self.encode([text], [task_id])), ()


class AgentPolicy(Policy):
    """A policy that a run can live with: made of settings, kept as a description and weights, made again of those."""

    action_sets: dict[int, tuple[str, ...]]
    """The phrases that each column offers."""

    @classmethod
    @abstractmethod
    def create(cls, config: Any, generator: torch.Generator) -> Self:
        """Return an untrained one, drawn from `generator`."""

    @property
    def limit(self) -> ContextLimit | None:
        """How much of a sentence it reads; None: all of it, however long."""
        return None

    @property
    def template(self) -> str:
        """What tells the chat template from others in which it reads sentences; empty where there is none."""
        return ""

    def length(self, text: str) -> int:
        """Return how many tokens a sentence has, as `limit` counts them, once its words were met."""
        return 0

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Return, as JSON data, its `kind` and all but the weights."""

    @classmethod
    @abstractmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the policy that `description` tells of; its weights are to be loaded next."""


def draw(distribution: Categorical, generator: torch.Generator) -> Tensor:
    """Sample from `generator`, wherever it lives; `Categorical.sample` would draw from the global one."""
    probabilities = distribution.probs
    drawn = torch.multinomial(probabilities.to(generator.device), 1, generator=generator)
    return drawn.squeeze(-1).to(probabilities.device)
