"""One block of a decoder transformer: causal self-attention, then an MLP.

Both ways through a block take states and the cells that read them, so that a state which
several sentences share is handed in, and computed, once.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config.agent import ModelConfig
from agents.language.prefix_sharing import Cells, Spans

INIT_STD = 0.02
"""Small, so that an untrained agent finds all words about equally likely."""
UNBIASED = 0.0
"""Deviation of a value head: at birth nothing is worth more than anything else."""


class Block(nn.Module):
    """Pre-norm causal self-attention with several heads, then a feed-forward net (Vaswani et al., 2017)."""

    def __init__(self, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        deep = INIT_STD / math.sqrt(2 * config.layers)  # what is added L times must not grow with L (GPT-2)
        self.attention_norm = nn.LayerNorm(width)
        self.qkv = DrawnLinear(width, 3 * width, INIT_STD, generator, bias=False)
        self.attention_out = DrawnLinear(width, width, deep, generator)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp_in = DrawnLinear(width, 4 * width, INIT_STD, generator)
        self.mlp_out = DrawnLinear(4 * width, width, deep, generator)

    def forward(self, states: Tensor, cells: Cells, spans: Spans) -> Tensor:
        """Return the new states of the cells that `spans` keep, (N, D).

        `states` (R, D) are those of the rows that the sheet's B * S `cells` read.
        """
        own = spans.asking(cells)  # (C, Q)
        mixed = self.qkv(self.attention_norm(states))  # (R, 3 * D)
        width = states.shape[-1]
        (queries,) = self._by_head(F.embedding(own, mixed[:, :width]))
        keys, values = self._by_head(F.embedding(spans.key_rows(cells), mixed[:, width:]))
        scale = 1 / math.sqrt(queries.shape[-1])
        scores = torch.baddbmm(spans.mask, queries, keys.transpose(1, 2), alpha=scale)  # (C * H, Q, S)
        seen = torch.bmm(scores.softmax(-1), values)  # (C * H, Q, D / H)
        seen = seen.view(len(own), self.heads, own.shape[1], -1).transpose(1, 2).reshape(own.numel(), width)
        return self._mlp(F.embedding(spans.pick(own.flatten()), states) + self.attention_out(spans.pick(seen)))

    def last(self, states: Tensor, cells: Cells, asked: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the new states of the `key_rows` cells (B, Q) only, as (B, Q, D), and their attention (B, Q, H, S).

        Nothing comes after the last block, so no other token needs an answer. Keys and
        values need not be computed either: q · (K x) = (q K) · x, and the mean of V x is
        V of the mean of x.
        """
        size, length = cells.rows.shape
        width = states.shape[-1]
        normed = self.attention_norm(states)
        own = cells.rows.gather(1, asked)  # (B, Q)
        to_query, to_key, to_value = self.qkv.weight.view(3, self.heads, -1, width)  # (H, D / H, D)
        queries = torch.einsum("bqd,hed->bqhe", F.embedding(own, normed), to_query)
        queries = torch.einsum("bqhe,hed->bqhd", queries, to_key) / math.sqrt(width // self.heads)
        seen = cells.spread(normed)  # (B, S, D)
        scores = torch.bmm(queries.flatten(1, 2), seen.transpose(1, 2))  # (B, Q * H, S)
        attention = (scores.view(size, -1, self.heads, length) + mask[:, :, None]).softmax(-1)
        mixed = torch.bmm(attention.flatten(1, 2), seen).view(size, -1, self.heads, width)
        values = torch.einsum("bqhd,hed->bqhe", mixed, to_value).flatten(2)
        return self._mlp(F.embedding(own, states) + self.attention_out(values)), attention

    def _by_head(self, mixed: Tensor) -> tuple[Tensor, ...]:
        """Split (C, S, k * D) into k parts of (C * H, S, D / H)."""
        spans, length, size = mixed.shape
        each = self.attention_out.weight.shape[1]
        parts = mixed.view(spans, length, size // each, self.heads, -1).permute(2, 0, 3, 1, 4)
        return parts.reshape(size // each, spans * self.heads, length, -1).unbind(0)

    def _mlp(self, state: Tensor) -> Tensor:
        """Return (..., D) states plus what the feed-forward net makes of them."""
        change: Tensor = self.mlp_out(F.gelu(self.mlp_in(self.mlp_norm(state))))
        return state + change


class DrawnLinear(nn.Module):
    """A linear layer drawn from `generator`, its bias 0 to begin with.

    `nn.Linear` would draw from the global generator first, and skipping that costs
    imports of most of a second.
    """

    def __init__(self, inputs: int, outputs: int, std: float, generator: torch.Generator, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs).normal_(0.0, std, generator=generator))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (..., inputs) to (..., outputs)."""
        return F.linear(inputs, self.weight, self.bias)
