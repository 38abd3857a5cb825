"""One layer of a decoder transformer: tokens look at what came before, then think for themselves.

Both ways through a block take their input row by row of `cells`, so that whoever calls
can hand in each distinct prefix once and have it serve every sentence that starts with it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config import ModelConfig

INIT_STD = 0.02
"""Small, so that an untrained agent finds all words about equally likely."""


class Block(nn.Module):
    """Pre-norm causal self-attention with several heads, then a feed-forward net (Vaswani et al., 2017)."""

    def __init__(self, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        deep = INIT_STD / math.sqrt(2 * config.layers)  # what is added L times must not grow with L (GPT-2)
        self.before_attention = nn.LayerNorm(width)
        self.look = drawn_linear(width, 3 * width, INIT_STD, generator)
        self.blend = drawn_linear(width, width, deep, generator)
        self.before_thought = nn.LayerNorm(width)
        self.widen = drawn_linear(width, 4 * width, INIT_STD, generator)
        self.narrow = drawn_linear(4 * width, width, deep, generator)

    def forward(self, rows: Tensor, cells: Tensor, kept: Tensor | None, mask: Tensor) -> Tensor:
        """Return the new state of the `kept` cells, (N, D); of all B * S if None.

        `rows` (R, D) are states, `cells` (B, S) says which of them each token has, and
        `mask`, (S, S) or (B, S, S), is added to the attention scores.
        """
        queries, keys, values = self._heads(self.look(self.before_attention(rows))[cells])
        size, _, length = queries.shape[0], queries.shape[1], queries.shape[2]
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])  # (B, H, S, S)
        attention = (scores + mask.view(-1, 1, length, length)).softmax(-1)
        seen = (attention @ values).transpose(1, 2).reshape(size * length, -1)  # (B * S, D)
        owners = cells.flatten()
        if kept is not None:
            seen, owners = seen[kept], owners[kept]
        return self._think(rows[owners] + self.blend(seen))

    def last(self, rows: Tensor, cells: Tensor, asked: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the state of the `asked` cells (B, Q) only, as (B, Q, D), and their attention (B, Q, H, S).

        Nothing comes after the last block, so no other token needs an answer. Keys and
        values need not be computed either: q · (K x) = (q K) · x, and the mean of V x is
        V of the mean of x. The bias of the keys shifts all scores alike and drops out.
        """
        size, length = cells.shape
        width = rows.shape[-1]
        normed = self.before_attention(rows)
        asked_rows = cells.gather(1, asked)  # (B, Q)
        to_query, to_key, to_value = self.look.weight.view(3, self.heads, -1, width)  # (H, D / H, D)
        bias = self.look.bias.view(3, self.heads, -1)
        queries = torch.einsum("bqd,hed->bqhe", normed[asked_rows], to_query) + bias[0]
        queries = torch.einsum("bqhe,hed->bqhd", queries, to_key) / math.sqrt(width // self.heads)
        seen = normed[cells]  # (B, S, D)
        scores = queries.flatten(1, 2) @ seen.transpose(1, 2)  # (B, Q * H, S)
        attention = (scores.view(size, -1, self.heads, length) + mask[:, :, None]).softmax(-1)
        mixed = (attention.flatten(1, 2) @ seen).view(size, -1, self.heads, width)
        values = (torch.einsum("bqhd,hed->bqhe", mixed, to_value) + bias[2]).flatten(2)
        return self._think(rows[asked_rows] + self.blend(values)), attention

    def _heads(self, mixed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        size, length, _ = mixed.shape
        queries, keys, values = mixed.view(size, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return queries, keys, values  # (B, H, S, D / H) each

    def _think(self, state: Tensor) -> Tensor:
        thought: Tensor = self.narrow(F.gelu(self.widen(self.before_thought(state))))
        return state + thought


def drawn_linear(inputs: int, outputs: int, std: float, generator: torch.Generator) -> nn.Linear:
    """Return a linear layer drawn from `generator`, with no bias to begin with."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
    with torch.no_grad():
        layer.weight.normal_(0.0, std, generator=generator)
        layer.bias.zero_()
    return layer
