"""One block of a decoder transformer: causal self-attention, then an MLP.

Shapes: B sentences of S cells (tokens, see `batch_layout`), width D, H heads of width D / H. A batch of sentences
repeats prefixes, so states are stored once per distinct row: R rows of states, and `Cells` that say which row each
cell reads. `Spans` group the cells whose new state is computed into C spans of Q queries.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config.agent import ModelConfig
from agents.language.prefix_sharing import Cells, Spans

INIT_STD = 0.02
"""Standard deviation of initial weights (GPT-2); so small that an untrained model is close to uniform over words."""
UNBIASED = 0.0
"""Standard deviation of a value head's initial weights: an untrained value is 0 everywhere."""


class Block(nn.Module):
    """Pre-norm multi-head self-attention, then a feed-forward network (Vaswani et al., 2017; GPT-2)."""

    def __init__(self, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        # 2 * layers terms are added to the residual stream; scaled down, their sum does not grow with depth (GPT-2)
        residual_std = INIT_STD / math.sqrt(2 * config.layers)
        self.attention_norm = nn.LayerNorm(width)
        self.qkv = DrawnLinear(width, 3 * width, INIT_STD, generator, bias=False)
        self.attention_out = DrawnLinear(width, width, residual_std, generator)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp_in = DrawnLinear(width, 4 * width, INIT_STD, generator)
        self.mlp_out = DrawnLinear(4 * width, width, residual_std, generator)

    def forward(self, states: Tensor, cells: Cells, spans: Spans) -> Tensor:
        """Return the new states (N, D) of the N cells that `spans` select.

        `states` (R, D) are the distinct states that the B * S `cells` read.
        """
        query_rows = spans.query_rows(cells)  # (C, Q)
        width = states.shape[-1]
        # project each distinct state once, and only then copy it to the cells that read it
        qkv = self.qkv(self.attention_norm(states))  # (R, 3 * D)
        (queries,) = self._by_head(F.embedding(query_rows, qkv[:, :width]))  # (C * H, Q, D / H)
        keys, values = self._by_head(F.embedding(spans.key_rows(cells), qkv[:, width:]))  # (C * H, S, D / H) each
        scale = 1 / math.sqrt(queries.shape[-1])
        # baddbmm adds the mask (0 or -inf) and scales in the same kernel as the product
        scores = torch.baddbmm(spans.mask, queries, keys.transpose(1, 2), alpha=scale)  # (C * H, Q, S)
        attended = torch.bmm(scores.softmax(-1), values)  # (C * H, Q, D / H)
        attended = attended.view(len(query_rows), self.heads, query_rows.shape[1], -1).transpose(1, 2)
        attended = attended.reshape(query_rows.numel(), width)  # (C * Q, D)
        residual = F.embedding(spans.select(query_rows.flatten()), states)  # (N, D)
        return self._mlp(residual + self.attention_out(spans.select(attended)))

    def last(self, states: Tensor, cells: Cells, query_cells: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the new states (B, Q, D) of the `query_cells` (B, Q) only, and their attention (B, Q, H, S).

        `states` are (R, D), `mask` is (B, Q, S). For the last block: no later block reads the other cells.
        With few queries it is cheaper never to form keys and values: q · (K x) = (q K) · x, and the weighted
        mean of V x is V times the weighted mean of x.
        """
        size, length = cells.rows.shape
        width = states.shape[-1]
        normed = self.attention_norm(states)  # (R, D)
        query_rows = cells.rows.gather(1, query_cells)  # (B, Q)
        to_query, to_key, to_value = self.qkv.weight.view(3, self.heads, -1, width)  # (H, D / H, D) each
        queries = torch.einsum("bqd,hed->bqhe", F.embedding(query_rows, normed), to_query)  # (B, Q, H, D / H)
        queries = torch.einsum("bqhe,hed->bqhd", queries, to_key) / math.sqrt(width // self.heads)  # (B, Q, H, D)
        keys = cells.gather(normed)  # (B, S, D) shared by all heads
        scores = torch.bmm(queries.flatten(1, 2), keys.transpose(1, 2))  # (B, Q * H, S)
        attention = (scores.view(size, -1, self.heads, length) + mask[:, :, None]).softmax(-1)
        attended = torch.bmm(attention.flatten(1, 2), keys).view(size, -1, self.heads, width)  # (B, Q, H, D)
        values = torch.einsum("bqhd,hed->bqhe", attended, to_value).flatten(2)  # (B, Q, D)
        return self._mlp(F.embedding(query_rows, states) + self.attention_out(values)), attention

    def _by_head(self, projected: Tensor) -> tuple[Tensor, ...]:
        """Split (C, S, k * D) into k tensors of (C * H, S, D / H)."""
        spans, length, size = projected.shape
        width = self.attention_out.weight.shape[1]
        parts = projected.view(spans, length, size // width, self.heads, -1).permute(2, 0, 3, 1, 4)  # (k, C, H, S, D/H)
        return parts.reshape(size // width, spans * self.heads, length, -1).unbind(0)

    def _mlp(self, state: Tensor) -> Tensor:
        """Add the feed-forward network's output to (..., D) states."""
        change: Tensor = self.mlp_out(F.gelu(self.mlp_in(self.mlp_norm(state))))
        return state + change


class DrawnLinear(nn.Module):
    """A linear layer whose initial weights are drawn from `generator`, with a bias of 0.

    `nn.Linear` would draw from the global generator first; `nn.utils.skip_init` avoids that, but its imports take
    most of a second.
    """

    def __init__(self, inputs: int, outputs: int, std: float, generator: torch.Generator, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs).normal_(0.0, std, generator=generator))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, inputs: Tensor) -> Tensor:
        """Map inputs (..., I) to outputs (..., O)."""
        return F.linear(inputs, self.weight, self.bias)
