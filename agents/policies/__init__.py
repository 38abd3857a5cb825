"""The interface of policies: sentences to a distribution over action phrases, and a value.

Shapes: B decisions, U distinct sentences, A actions in the longest action set.
"""

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
    """B observations, one per decision. Equal sentences are stored, and computed, once."""

    prompts: Prompts
    """The U distinct sentences."""
    rows: Tensor
    """(B,) row in `prompts` of each decision's sentence."""
    task_ids: Tensor
    """(B,) task whose action set each decision chooses from."""
    allowed: Tensor | None = None
    """(B, A) mask of the actions that are available now; None: the whole action set."""

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, chosen: Tensor) -> Observations:
        """Select decisions by indices or a mask (B,), and drop the sentences that none of them reads."""
        used, rows = torch.unique(self.rows[chosen], return_inverse=True)
        allowed = None if self.allowed is None else self.allowed[chosen]
        return Observations(self.prompts[used], rows, self.task_ids[chosen], allowed)

    @classmethod
    def read(
        cls, texts: Sequence[str], task_ids: Sequence[int], encode: Callable[[list[str]], Prompts]
    ) -> Observations:
        """Encode one sentence per decision; distinct ones once, sorted, so that neighbours share prefixes."""
        distinct = sorted(set(texts))
        index = {text: row for row, text in enumerate(distinct)}
        prompts = encode(distinct)
        device = prompts.tokens.device
        rows = torch.tensor([index[text] for text in texts], dtype=torch.long, device=device)
        return cls(prompts, rows, torch.tensor(task_ids, dtype=torch.long, device=device))


Act = Callable[[Observations], tuple[Categorical, Tensor]]
"""A policy's forward pass, as losses call it: logits (B, A) and values (B,). Also of a policy with adapted weights."""
Attention = tuple[tuple[str, float], ...]
"""The attention to each word of a sentence, summing to 1; empty for policies without attention."""


class Policy(nn.Module, ABC):
    """An actor-critic for all tasks: a distribution over a task's actions, and a state value."""

    @abstractmethod
    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Register a task with its action phrases and the words of its environment."""

    @abstractmethod
    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Encode one sentence and task id per decision, on the device of the weights."""

    def recall(self, entries: Sequence[MemoryEntry]) -> Observations:
        """Encode the observations of memory entries."""
        return self.encode([entry.text for entry in entries], [entry.task_id for entry in entries])

    @abstractmethod
    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution with logits (B, A) over each decision's action set, and values (B,).

        Logits of unavailable actions are the dtype's minimum, never -inf, which would turn `kl_div` into NaN.
        """

    def consider(self, text: str, task_id: int) -> tuple[Categorical, Tensor, Attention]:
        """Return logits (1, A) and value (1,) of one sentence, and the attention to each of its words."""
        return *self(self.encode([text], [task_id])), ()


class AgentPolicy(Policy):
    """A policy of a run: created from settings, saved as a description and weights, and rebuilt from those."""

    action_sets: dict[int, tuple[str, ...]]
    """The action phrases of each task, by task id."""

    @classmethod
    @abstractmethod
    def create(cls, config: Any, generator: torch.Generator) -> Self:
        """Return an untrained policy drawn from `generator`."""

    @property
    def limit(self) -> ContextLimit | None:
        """The maximum length of a sentence; None: unlimited."""
        return None

    @property
    def template(self) -> str:
        """Fingerprint of the chat template around sentences; empty without one."""
        return ""

    def length(self, text: str) -> int:
        """Return the number of tokens of a sentence, as `limit` counts them, with all its words known."""
        return 0

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Return the policy's `kind` and everything else but its weights, as JSON data."""

    @classmethod
    @abstractmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the policy of a `description`; its weights are loaded afterwards."""


def sample_actions(distribution: Categorical, generator: torch.Generator) -> Tensor:
    """Sample action indices (B,) with `generator`, on its device; `Categorical.sample` uses the global generator."""
    probabilities = distribution.probs
    drawn = torch.multinomial(probabilities.to(generator.device), 1, generator=generator)
    return drawn.squeeze(-1).to(probabilities.device)
