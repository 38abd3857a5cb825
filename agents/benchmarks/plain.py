"""The same transformer, computed as the textbook writes it: every token, every layer, every time.

What the fast computation is held against: it must find the same numbers, sooner.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.language import Prompts
from agents.language.block import Block
from agents.language.transformer import Transformer
from agents.policies import Observations
from agents.policies.language import LanguagePolicy


def read_plainly(model: Transformer, prompts: Prompts) -> Tensor:
    """Return the hidden state (B, D) at each prompt's last token."""
    size, length = prompts.tokens.shape
    state = F.embedding(prompts.tokens, model.tokens) + model.positions[:length]
    for block in model.layers:
        state = _through(block, state)
    hidden: Tensor = model.final(state)
    return hidden[torch.arange(size), prompts.lengths - 1]


def _through(block: Block, state: Tensor) -> Tensor:
    size, length, width = state.shape
    mixed = block.look(block.before_attention(state)).view(size, length, 3, block.heads, -1)
    queries, keys, values = mixed.permute(2, 0, 3, 1, 4)
    seen = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    state = state + block.blend(seen.transpose(1, 2).reshape(size, length, width))
    thought: Tensor = block.narrow(F.gelu(block.widen(block.before_thought(state))))
    return state + thought


class PlainTransformer(Transformer):
    """A transformer without any short cut."""

    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""
        return read_plainly(self, prompts)


class RepeatingPolicy(LanguagePolicy):
    """Computes every decision's sentence anew, even if it was just read."""

    def encode(self, texts: Sequence[str], columns: Sequence[int]) -> Observations:
        """Prepare sentences, one a decision."""
        self.model.share = False
        prompts = self.model.encode(texts)
        rows = torch.arange(len(texts), device=prompts.tokens.device)
        return Observations(prompts, rows, torch.tensor(columns, device=rows.device))
