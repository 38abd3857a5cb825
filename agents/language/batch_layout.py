"""Lay out prompts and a tree of candidate phrases as one batch of cells for a single forward pass.

Shapes: B prompts of T tokens, M tree nodes, S = T + M cells per row, Q = 1 + M queries per row, H heads.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.language import Prompts
from agents.language.phrase_tree import PhraseTree

_MASKED = float("-inf")


@dataclass(frozen=True, slots=True)
class BatchLayout:
    """B rows of S cells: the T tokens of a prompt, then the M nodes of the phrase tree.

    The hidden states of Q cells per row are wanted: the prompt's last token, and every node.
    """

    tokens: Tensor
    """(B, S) token ids."""
    positions: Tensor
    """(B, S) positions; a node's is where its token would follow the prompt."""
    real: Tensor
    """(B, S) False for padding."""
    query_cells: Tensor
    """(B, Q) index of each query's cell in its row."""
    mask: Tensor
    """(1, S, S) or (B * H, S, S), added to attention scores: -inf where a cell (dim 1) must not attend, 0 elsewhere."""
    query_mask: Tensor
    """(B, Q, S) the same for the queries only."""

    @classmethod
    def build(cls, prompts: Prompts, tree: PhraseTree | None, heads: int) -> BatchLayout:
        """Lay out `prompts` and, if there is one, the tree behind each of them."""
        tokens, lengths = prompts.tokens, prompts.lengths[:, None]
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        real = positions < lengths  # (B, T)
        # padding is on the right, so the causal mask alone hides it from every real token
        causal = torch.full((len(positions), len(positions)), _MASKED, device=tokens.device).triu(1)
        query_mask = _mask(~real)[:, None]  # (B, 1, T) the last token attends to the whole prompt
        layout = cls(tokens, positions.expand_as(tokens), real, lengths - 1, causal[None], query_mask)
        return layout if tree is None else layout._with_tree(tree, heads)

    def _with_tree(self, tree: PhraseTree, heads: int) -> BatchLayout:
        """Append the nodes of `tree` to each row; a node attends to the whole prompt and to its ancestors."""
        size, length = self.tokens.shape
        nodes = len(tree.tokens)
        node_cells = length + torch.arange(nodes, device=self.tokens.device).expand(size, -1)  # (B, M)
        # one row per query: the prompt's last token sees no node
        visible = F.pad(tree.visible, (0, 0, 1, 0)).expand(size, -1, -1)  # (B, 1 + M, M)
        query_mask = _mask(~torch.cat([self.real[:, None].expand(-1, nodes + 1, -1), visible], 2))  # (B, 1 + M, S)
        prompt_mask = F.pad(self.mask, (0, nodes), value=_MASKED).expand(size, -1, -1)  # (B, T, S)
        return BatchLayout(
            tokens=torch.cat([self.tokens, tree.tokens.expand(size, -1)], 1),
            positions=torch.cat([self.positions, self.query_cells + tree.depths], 1),
            real=F.pad(self.real, (0, nodes), value=True),
            query_cells=torch.cat([self.query_cells, node_cells], 1),
            mask=torch.cat([prompt_mask, query_mask[:, 1:]], 1).repeat_interleave(heads, 0),
            query_mask=query_mask,
        )


def _mask(hidden: Tensor) -> Tensor:
    """Return -inf where `hidden` is true, 0 elsewhere, in the same shape."""
    return torch.zeros(hidden.shape, device=hidden.device).masked_fill(hidden, _MASKED)
