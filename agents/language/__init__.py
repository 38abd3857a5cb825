"""The interface of language models: read, score, sample, train."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from agents.language.context_limit import ContextLimit


@dataclass(frozen=True, slots=True)
class Prompts:
    """Tokenised sentences, padded on the right."""

    tokens: Tensor
    """(B, T) token ids."""
    lengths: Tensor
    """(B,) how many of them are real."""

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, rows: Tensor) -> Prompts:
        return Prompts(self.tokens[rows], self.lengths[rows])

    @classmethod
    def padded(cls, rows: Sequence[Sequence[int]], device: torch.device) -> Prompts:
        """Lay token ids side by side, filled up with 0."""
        lengths = [len(row) for row in rows]
        longest = max(lengths, default=1)
        filled = [[*row, *(0,) * (longest - len(row))] for row in rows]
        return cls(
            torch.tensor(filled, dtype=torch.long, device=device).view(-1, longest),
            torch.tensor(lengths, dtype=torch.long, device=device),
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """How a sentence leads to the phrases that may follow it."""

    log_probs: Tensor
    """(A, L) of each token of each phrase, given the sentence and the tokens before; 0 where a phrase is over."""
    hidden: Tensor
    """(1, D) the state at the sentence's last token."""
    words: Tensor
    """(T, D) the embedding of each token of the sentence: a leaf to take gradients at."""


class LanguageModel(nn.Module, ABC):
    """A causal language model. What it learns are its parameters; what it was given for good are buffers, not kept."""

    kind: ClassVar[str]
    """What descriptions call it: the name of its settings."""

    context: int
    """Longest prompt, in tokens."""
    limit: ContextLimit
    """Keeps prompts to that length, and knows of those that were longer."""
    width: int
    """Size of the hidden state."""
    share: bool = True
    """Compute once what sentences of a batch share; worth nothing where they come one by one."""

    @abstractmethod
    def learn_words(self, words: Iterable[str]) -> int:
        """Give each unknown word a token of its own; return how many were new. Old tokens keep their ids."""

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> Prompts:
        """Turn texts into tokens, at most `context` of each. Unknown words are spelled in bytes."""

    @abstractmethod
    def length(self, text: str) -> int:
        """Return how many tokens a sentence has whose words were all learned, before it is cut."""

    @abstractmethod
    def decode(self, tokens: Tensor) -> str:
        """Turn (T,) token ids into text."""

    @abstractmethod
    def tokenise(self, phrase: str) -> tuple[int, ...]:
        """Return the tokens of a phrase that continues a prompt, at least one."""

    @abstractmethod
    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return each word behind `tokens`, and how many of them it took."""

    @abstractmethod
    def forward(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return next-token logits (B, V) and the hidden state (B, D) at each prompt's last token."""

    @abstractmethod
    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""

    @abstractmethod
    def read_with_attention(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return what `read` returns, and how much the last token looks at each token: (B, T); (B, 0) if unknown."""

    @abstractmethod
    def openings(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """Return the logits (B, K) of some tokens as the next one, given the hidden state (B, D)."""

    @abstractmethod
    def score_tokens(self, prompts: Prompts, phrases: tuple[tuple[int, ...], ...]) -> tuple[Tensor, Tensor]:
        """Do as `score` for phrases that are tokens already."""

    @abstractmethod
    def trace(self, prompt: Prompts, phrases: tuple[tuple[int, ...], ...]) -> Trace:
        """Do as `score_tokens` for one sentence, token by token, and so that one can ask what the sentence did."""

    @abstractmethod
    def generate(self, prompt: str, generator: torch.Generator, limit: int = 32, temperature: float = 1.0) -> str:
        """Sample a continuation of `prompt`."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Return, as JSON data, all but the weights that are learned."""

    @classmethod
    @abstractmethod
    def create(cls, config: Any, generator: torch.Generator) -> Self:
        """Return one that has learned nothing here, drawn from `generator`."""

    @classmethod
    @abstractmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the model that `description` tells of; its weights are to be loaded next."""

    @property
    def bonus(self) -> float:
        """What every token adds to the logit of a phrase."""
        return 0.0

    @property
    def template(self) -> str:
        """What tells the chat template from others in which it reads sentences; empty where there is none."""
        return ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it was taught, in order; none where its vocabulary is given."""
        return ()

    def score(self, prompts: Prompts, phrases: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return log p(phrase | prompt), (B, A), summed over each phrase's tokens, and the hidden state (B, D)."""
        return self.score_tokens(prompts, tuple(map(self.tokenise, phrases)))

    def phrase_lengths(self, phrases: Sequence[str]) -> list[int]:
        """Return how many tokens each phrase has."""
        return [len(self.tokenise(phrase)) for phrase in phrases]

    def levelled(self, hidden: Tensor) -> Tensor:
        """Return hidden states (B, D) as a value head reads them."""
        return hidden
