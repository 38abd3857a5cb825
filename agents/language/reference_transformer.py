"""The same transformer without optimisation: every token of every row, in every layer."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.language import Prompts
from agents.language.block import Block
from agents.language.transformer import Transformer


def every_state(model: Transformer, tokens: Tensor) -> Tensor:
    """Return the hidden state at each of (B, T) tokens, (B, T, D); each saw itself and those before it."""
    state = F.embedding(tokens, model.tokens) + model.positions[: tokens.shape[1]]
    for block in model.layers:
        state = _through(block, state)
    hidden: Tensor = model.final(state)
    return hidden


def read_plainly(model: Transformer, prompts: Prompts) -> Tensor:
    """Return the hidden state (B, D) at each prompt's last token."""
    rows = torch.arange(len(prompts), device=prompts.tokens.device)
    return every_state(model, prompts.tokens)[rows, prompts.lengths - 1]


def _through(block: Block, state: Tensor) -> Tensor:
    size, length, width = state.shape
    mixed = block.qkv(block.attention_norm(state)).view(size, length, 3, block.heads, -1)
    queries, keys, values = mixed.permute(2, 0, 3, 1, 4)
    seen = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    state = state + block.attention_out(seen.transpose(1, 2).reshape(size, length, width))
    change: Tensor = block.mlp_out(F.gelu(block.mlp_in(block.mlp_norm(state))))
    return state + change
