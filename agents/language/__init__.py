"""Language models behind one narrow door: read, score, sample, train."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


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


class LanguageModel(nn.Module, ABC):
    """A causal language model. Its trainable weights are those that require gradients."""

    context: int
    """Longest prompt, in tokens."""
    width: int
    """Size of the hidden state."""
    born_with: int
    """Vocabulary size when the weights were drawn, V0."""

    @abstractmethod
    def learn_words(self, words: Iterable[str]) -> int:
        """Give each unknown word a token of its own; return how many were new. Old tokens keep their ids."""

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> Prompts:
        """Turn texts into tokens, cut to the last `context` of them. Unknown words are spelled in bytes."""

    @abstractmethod
    def decode(self, tokens: Tensor) -> str:
        """Turn (T,) token ids into text."""

    @abstractmethod
    def forward(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return next-token logits (B, V) and the hidden state (B, D) at each prompt's last token."""

    @abstractmethod
    def score(self, prompts: Prompts, phrases: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return log p(phrase | prompt), (B, A), summed over each phrase's tokens, and the hidden state (B, D)."""

    @abstractmethod
    def generate(self, prompt: str, generator: torch.Generator, limit: int = 32, temperature: float = 1.0) -> str:
        """Sample a continuation of `prompt`."""
