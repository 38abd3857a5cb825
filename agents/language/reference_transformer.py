"""The same transformer without any sharing: every token of every sentence, in every layer. A reference for tests.

Shapes: B sentences of T tokens, width D, H heads.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.language import Prompts
from agents.language.block import Block
from agents.language.transformer import Transformer


def hidden_states(model: Transformer, tokens: Tensor) -> Tensor:
    """Return the hidden state at each of (B, T) tokens, (B, T, D), with causal attention."""
    states = F.embedding(tokens, model.tokens) + model.positions[: tokens.shape[1]]
    for block in model.layers:
        states = _block(block, states)
    hidden: Tensor = model.final(states)
    return hidden


def read_plainly(model: Transformer, prompts: Prompts) -> Tensor:
    """Return the hidden state (B, D) at each prompt's last token."""
    rows = torch.arange(len(prompts), device=prompts.tokens.device)
    return hidden_states(model, prompts.tokens)[rows, prompts.lengths - 1]


def _block(block: Block, states: Tensor) -> Tensor:
    """Apply one block to (B, T, D) states."""
    size, length, width = states.shape
    qkv = block.qkv(block.attention_norm(states)).view(size, length, 3, block.heads, -1)
    queries, keys, values = qkv.permute(2, 0, 3, 1, 4)  # (B, H, T, D / H) each
    attended = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    states = states + block.attention_out(attended.transpose(1, 2).reshape(size, length, width))
    change: Tensor = block.mlp_out(F.gelu(block.mlp_in(block.mlp_norm(states))))
    return states + change
