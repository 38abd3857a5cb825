"""Computing once what sentences share.

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
class Kept:
    """The cells whose state is computed, N of B * S; the others are copies or padding."""

    chosen: Tensor | None
    """(N,) flat; None: all of them."""

    def pick(self, states: Tensor) -> Tensor:
        """Return (N, D) of the (B * S, D) states."""
        return states if self.chosen is None else F.embedding(self.chosen, states)

    def of(self, cells: Cells) -> Tensor:
        """Return the row that each kept cell reads, (N,)."""
        rows = cells.rows.flatten()
        return rows if self.chosen is None else rows[self.chosen]


def shared_prefixes(tokens: Tensor, real: Tensor, *, share: bool) -> tuple[Cells, Kept]:
    """Find the cells of (B, S) `tokens` whose beginning of the sentence was not seen in the row above.

    Sorted sentences share most. Cells that are not `real` are padding, and left out.
    """
    fresh = real
    if share:
        parted = (tokens[1:] != tokens[:-1]).cumsum(1) > 0
        fresh = torch.cat([real[:1], real[1:] & parted])
    chosen = fresh.flatten().nonzero().squeeze(1)
    everything = torch.arange(tokens.numel(), device=tokens.device)
    if len(chosen) > _WORTHWHILE * tokens.numel():
        return Cells(everything.view_as(tokens), in_order=True), Kept(None)
    numbers = torch.zeros_like(everything)
    numbers[chosen] = everything[: len(chosen)]
    # a copy reads the last cell above it that was kept, and numbers grow downwards
    return Cells(numbers.view_as(tokens).cummax(0).values), Kept(chosen)


def words_at_places(tokens: Tensor, places: Tensor, size: int) -> tuple[Tensor, Tensor, Cells]:
    """Return the distinct pairs of token and place on the sheet, (P,) and (P,), and which one each cell is.

    `size` is more than the largest place.
    """
    pairs, rows = torch.unique(tokens * size + places, return_inverse=True)
    return pairs // size, pairs % size, Cells(rows)
