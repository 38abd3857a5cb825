"""The interface of language models: tokenise, read, score phrases, sample.

Shapes: B prompts of T tokens, A phrases of at most L tokens, width D, vocabulary V.
"""

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
    """B tokenised sentences, padded on the right."""

    tokens: Tensor
    """(B, T) token ids."""
    lengths: Tensor
    """(B,) number of tokens without padding."""

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, rows: Tensor) -> Prompts:
        return Prompts(self.tokens[rows], self.lengths[rows])

    @classmethod
    def padded(cls, rows: Sequence[Sequence[int]], device: torch.device) -> Prompts:
        """Return rows of token ids as prompts, padded with 0."""
        lengths = [len(row) for row in rows]
        longest = max(lengths, default=1)
        filled = [[*row, *(0,) * (longest - len(row))] for row in rows]
        return cls(
            torch.tensor(filled, dtype=torch.long, device=device).view(-1, longest),
            torch.tensor(lengths, dtype=torch.long, device=device),
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """The scores of phrases after one sentence, differentiable by the sentence's embeddings."""

    log_probs: Tensor
    """(A, L) log-probability of each token of each phrase, given the sentence and the tokens before; 0 for padding."""
    hidden: Tensor
    """(1, D) hidden state at the sentence's last token."""
    words: Tensor
    """(T, D) embedding of each token of the sentence, a leaf of the autograd graph."""


class LanguageModel(nn.Module, ABC):
    """A causal language model. Its parameters are trained and saved; frozen weights are non-persistent buffers."""

    kind: ClassVar[str]
    """Its name in descriptions and settings."""

    context: int
    """Maximum length of a prompt, in tokens."""
    limit: ContextLimit
    """Shortens prompts to that length, and records the longest one."""
    width: int
    """Size of the hidden state, D."""
    share: bool = True
    """Whether to compute shared prefixes of a batch once; useless for batches of one."""

    @abstractmethod
    def learn_words(self, words: Iterable[str]) -> int:
        """Add a token for each unknown word, and return their number; existing tokens keep their ids."""

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> Prompts:
        """Tokenise texts to prompts (B, T), with at most `context` tokens each; unknown words are spelled in bytes."""

    @abstractmethod
    def length(self, text: str) -> int:
        """Return the number of tokens of a sentence whose words are all known, before it is shortened."""

    @abstractmethod
    def decode(self, tokens: Tensor) -> str:
        """Decode (T,) token ids to text."""

    @abstractmethod
    def tokenise(self, phrase: str) -> tuple[int, ...]:
        """Return the token ids of a phrase that continues a prompt, at least one."""

    @abstractmethod
    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return the words that `tokens` encode, each with its number of tokens."""

    @abstractmethod
    def forward(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return next-token logits (B, V) and the hidden state (B, D) at each prompt's last token."""

    @abstractmethod
    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""

    @abstractmethod
    def read_with_attention(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return hidden states (B, D), and the last token's attention to each token, (B, T), or (B, 0) if unknown."""

    @abstractmethod
    def next_logits(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """Return the next-token logits (B, K) of K `tokens` only, from hidden states (B, D)."""

    @abstractmethod
    def score_tokens(self, prompts: Prompts, phrases: tuple[tuple[int, ...], ...]) -> tuple[Tensor, Tensor]:
        """Return log p(phrase | prompt), (B, A), and hidden states (B, D), as `score` does, for tokenised phrases."""

    @abstractmethod
    def trace(self, prompt: Prompts, phrases: tuple[tuple[int, ...], ...]) -> Trace:
        """Score phrases after one prompt, token by token, with its embeddings as a leaf to differentiate by."""

    @abstractmethod
    def generate(self, prompt: str, generator: torch.Generator, limit: int = 32, temperature: float = 1.0) -> str:
        """Sample a continuation of `prompt`, of at most `limit` tokens."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Return everything but the trained weights, as JSON data."""

    @classmethod
    @abstractmethod
    def create(cls, config: Any, generator: torch.Generator) -> Self:
        """Return a model before any training by this program; new weights are drawn from `generator`."""

    @classmethod
    @abstractmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the model of a `description`; its weights are loaded afterwards."""

    @property
    def bonus(self) -> float:
        """Added to a phrase's logit for each of its tokens."""
        return 0.0

    @property
    def template(self) -> str:
        """Fingerprint of the chat template around sentences; empty without one."""
        return ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that were added to the vocabulary, in order; none if the vocabulary is fixed."""
        return ()

    def score(self, prompts: Prompts, phrases: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return log p(phrase | prompt), (B, A), summed over each phrase's tokens, and the hidden state (B, D)."""
        return self.score_tokens(prompts, tuple(map(self.tokenise, phrases)))

    def phrase_lengths(self, phrases: Sequence[str]) -> list[int]:
        """Return the number of tokens of each phrase."""
        return [len(self.tokenise(phrase)) for phrase in phrases]

    def normalise_hidden(self, hidden: Tensor) -> Tensor:
        """Return hidden states (B, D), normalised as the value head expects them; by default unchanged."""
        return hidden
