"""Lay prompts and their candidate phrases side by side for one forward pass."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.language import Prompts
from agents.language.phrase_tree import PhraseTree

_BLIND = float("-inf")


@dataclass(frozen=True, slots=True)
class BatchLayout:
    """B rows of S = T + M cells: a prompt's T tokens, then the M nodes of the tree of phrases.

    Q = 1 + M cells a row are asked about: the prompt's last token, and every node.
    """

    tokens: Tensor
    """(B, S)."""
    places: Tensor
    """(B, S) positions; a node stands where its word would follow the prompt."""
    real: Tensor
    """(B, S) False for padding."""
    query_cells: Tensor
    """(B, Q) the cells whose answer is wanted."""
    blind: Tensor
    """(1, S, S) or (B * H, S, S): -inf where a cell can't look, 0 elsewhere."""
    sight: Tensor
    """(B, Q, S) the same for the cells that are asked about."""

    @classmethod
    def lay(cls, prompts: Prompts, tree: PhraseTree | None, heads: int) -> BatchLayout:
        """Lay out `prompts` and, if there is one, the tree."""
        tokens, lengths = prompts.tokens, prompts.lengths[:, None]
        places = torch.arange(tokens.shape[1], device=tokens.device)
        real = places < lengths
        blind = torch.full((len(places), len(places)), _BLIND, device=tokens.device).triu(1)
        sheet = cls(tokens, places.expand_as(tokens), real, lengths - 1, blind[None], _blind(~real)[:, None])
        return sheet if tree is None else sheet._followed_by(tree, heads)

    def _followed_by(self, tree: PhraseTree, heads: int) -> BatchLayout:
        size, length = self.tokens.shape
        nodes = len(tree.tokens)
        own = length + torch.arange(nodes, device=self.tokens.device).expand(size, -1)
        visible = F.pad(tree.visible, (0, 0, 1, 0)).expand(size, -1, -1)  # the prompt's end sees no node
        sight = _blind(~torch.cat([self.real[:, None].expand(-1, nodes + 1, -1), visible], 2))
        prompt = F.pad(self.blind, (0, nodes), value=_BLIND).expand(size, -1, -1)
        return BatchLayout(
            tokens=torch.cat([self.tokens, tree.tokens.expand(size, -1)], 1),
            places=torch.cat([self.places, self.query_cells + tree.depths], 1),
            real=F.pad(self.real, (0, nodes), value=True),
            query_cells=torch.cat([self.query_cells, own], 1),
            blind=torch.cat([prompt, sight[:, 1:]], 1).repeat_interleave(heads, 0),
            sight=sight,
        )


def _blind(unseen: Tensor) -> Tensor:
    return torch.zeros(unseen.shape, device=unseen.device).masked_fill(unseen, _BLIND)
