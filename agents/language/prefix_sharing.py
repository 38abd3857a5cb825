"""Compute the shared prefixes of a batch of sentences once.

In a causal model a token's state depends on what stands before it and on nothing else.
Sentences that begin alike therefore have equal states up to where they part, and before
the first block has looked around, a state is only a word at a place. Everything here is
exact: it changes how often a number is computed, not which.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

_WORTHWHILE = 0.8
"""Gathering costs time, too: share only if that leaves at most this part of the cells."""
_SPAN = 4
"""Cells of a row that look back together, where few of a row are computed."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Which row of states each cell of a (B, S) sheet of tokens reads."""

    rows: Tensor
    """(B, S)."""
    in_order: bool = False
    """Cell i reads row i."""

    def spread(self, states: Tensor) -> Tensor:
        """Return the state of every cell, (B, S, D)."""
        if self.in_order:
            return states.view(*self.rows.shape, -1)
        return F.embedding(self.rows, states)  # an index look-up whose backward pass is fast


@dataclass(frozen=True, slots=True)
class Spans:
    """The N cells whose state is computed, in C spans of Q; each span looks back at the S cells of its row."""

    kept: Tensor | None
    """(N,) which of the C * Q places are real; None: all."""
    mask: Tensor
    """(1, Q, S) or (C * H, Q, S) to add to attention scores."""
    owners: Tensor | None = None
    """(C, 1) the row of the sheet that each span belongs to; None: a span is a whole row."""
    places: Tensor | None = None
    """(C, Q) where in its row each cell stands."""

    def asking(self, cells: Cells) -> Tensor:
        """Return the row of states that each place reads, (C, Q)."""
        return cells.rows if self.owners is None else cells.rows[self.owners, self.places]

    def key_rows(self, cells: Cells) -> Tensor:
        """Return the rows of states that each span looks back at, (C, S)."""
        return cells.rows if self.owners is None else cells.rows[self.owners.squeeze(1)]

    def pick(self, states: Tensor) -> Tensor:
        """Return those of (C * Q, D) states, or of (C * Q,) rows, that are real."""
        if self.kept is None:
            return states
        return F.embedding(self.kept, states) if states.dim() == 2 else states[self.kept]


def fresh_cells(tokens: Tensor, real: Tensor, *, share: bool) -> Tensor:
    """Mark the cells of (B, S) `tokens` whose beginning of the sentence differs from the row above.

    Sorted sentences share most. Cells that are not `real` are padding, and left out.
    """
    if not share:
        return real
    parted = (tokens[1:] != tokens[:-1]).cumsum(1) > 0
    return torch.cat([real[:1], real[1:] & parted])


def shared_prefixes(fresh: Tensor, mask: Tensor, heads: int) -> tuple[Cells, Spans]:
    """Return where each cell of the sheet finds its state, once the `fresh` ones are computed, and how to compute them.

    `mask` (1 or B * H, S, S) is the sheet's own.
    """
    chosen = fresh.flatten().nonzero().squeeze(1)
    everything = torch.arange(fresh.numel(), device=fresh.device)
    if len(chosen) > _WORTHWHILE * fresh.numel():
        return Cells(everything.view_as(fresh), in_order=True), Spans(None, mask)
    numbers = torch.zeros_like(everything)
    numbers[chosen] = everything[: len(chosen)]
    # a copy reads the last cell above it that is computed, and numbers grow downwards
    cells = Cells(numbers.view_as(fresh).cummax(0).values)
    few = len(chosen) * _SPAN <= fresh.numel() and len(mask) == 1
    return cells, _short_spans(fresh, heads) if few else Spans(chosen, mask)


def _short_spans(fresh: Tensor, heads: int) -> Spans:
    """Cut the fresh end of each row into spans of a few cells."""
    counts = fresh.sum(1)
    firsts = fresh.int().argmax(1)  # fresh cells of a row are neighbours
    pieces = (counts + _SPAN - 1) // _SPAN
    owners = torch.arange(len(fresh), device=fresh.device).repeat_interleave(pieces)
    index = torch.arange(len(owners), device=fresh.device) - (pieces.cumsum(0) - pieces)[owners]
    within = index[:, None] * _SPAN + torch.arange(_SPAN, device=fresh.device)  # (C, Q)
    kept = (within < counts[owners, None]).flatten().nonzero().squeeze(1)
    places = (firsts[owners, None] + within).clamp(max=fresh.shape[1] - 1)
    ahead = torch.arange(fresh.shape[1], device=fresh.device) > places[..., None]  # (C, Q, S)
    mask = torch.zeros(ahead.shape, device=fresh.device).masked_fill(ahead, float("-inf"))
    return Spans(kept, mask.repeat_interleave(heads, 0), owners[:, None], places)


def words_at_places(tokens: Tensor, places: Tensor, size: int) -> tuple[Tensor, Tensor, Cells]:
    """Return the distinct pairs of token and place on the sheet, (P,) and (P,), and which one each cell is.

    `size` is more than the largest place.
    """
    pairs, rows = torch.unique(tokens * size + places, return_inverse=True)
    return pairs // size, pairs % size, Cells(rows)
