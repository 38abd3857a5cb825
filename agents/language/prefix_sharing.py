"""Compute the states of prefixes that sentences of a batch share only once.

In a causal model the state of a token depends on the tokens before it and on nothing else.
Sentences with a common prefix therefore have equal states up to where they differ; and
before the first block, a state depends only on the token and its position. Everything here
is exact: it changes how often a number is computed, not its value.

Shapes: B sentences of S cells (a cell is one position of the (B, S) batch of tokens), R distinct states of width D,
H heads; the states of N cells are computed, in C spans of Q cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

_MAX_COMPUTED = 0.8
"""Gathering takes time, too: share only if at most this fraction of the cells remains to be computed."""
_SPAN = 4
"""Cells per span, where only the ends of rows are computed."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Which row of states each cell of a (B, S) batch of tokens reads."""

    rows: Tensor
    """(B, S) index of each cell's state in the distinct states (R, D)."""
    in_order: bool = False
    """Whether cell i reads row i, so that nothing need be gathered."""

    def gather(self, states: Tensor) -> Tensor:
        """Return the state of every cell, (B, S, D), from distinct `states` (R, D)."""
        if self.in_order:
            return states.view(*self.rows.shape, -1)
        return F.embedding(self.rows, states)  # the same as states[rows], with a faster backward pass


@dataclass(frozen=True, slots=True)
class Spans:
    """The N cells whose state is computed, in C spans of Q queries; each span attends to the S cells of its row."""

    real: Tensor | None
    """(N,) which of the C * Q queries are not padding; None: all."""
    mask: Tensor
    """(1, Q, S) or (C * H, Q, S) to add to attention scores."""
    owners: Tensor | None = None
    """(C, 1) the row of the batch that each span belongs to; None: span i is the whole row i."""
    columns: Tensor | None = None
    """(C, Q) the column of each query's cell in its row."""

    def query_rows(self, cells: Cells) -> Tensor:
        """Return the index, from 0 to R - 1, of the distinct state that each query of each span reads, (C, Q)."""
        return cells.rows if self.owners is None else cells.rows[self.owners, self.columns]

    def key_rows(self, cells: Cells) -> Tensor:
        """Return the index, from 0 to R - 1, of the distinct state that each key of each span reads, (C, S)."""
        return cells.rows if self.owners is None else cells.rows[self.owners.squeeze(1)]

    def select(self, states: Tensor) -> Tensor:
        """Drop the padding: (C * Q, D) states become (N, D), (C * Q,) rows become (N,)."""
        if self.real is None:
            return states
        return F.embedding(self.real, states) if states.dim() == 2 else states[self.real]


def distinct_cells(tokens: Tensor, real: Tensor, *, share: bool) -> Tensor:
    """Return a mask (B, S) of the cells of `tokens` whose prefix differs from that of the row above.

    Rows should be sorted, so that common prefixes are in adjacent rows. Padding, where `real` (B, S) is false, is
    left out. Without `share`, every real cell counts as distinct.
    """
    if not share:
        return real
    # from the first difference to the row above on, all prefixes differ
    differs = (tokens[1:] != tokens[:-1]).cumsum(1) > 0
    return torch.cat([real[:1], real[1:] & differs])


def share_prefixes(distinct: Tensor, mask: Tensor, heads: int) -> tuple[Cells, Spans]:
    """Return which computed state each cell reads, and the spans that compute the `distinct` cells (B, S).

    `mask` (1 or B * H, S, S) is the attention mask of the whole batch.
    """
    chosen = distinct.flatten().nonzero().squeeze(1)  # (N,)
    every_cell = torch.arange(distinct.numel(), device=distinct.device)
    if len(chosen) > _MAX_COMPUTED * distinct.numel():
        return Cells(every_cell.view_as(distinct), in_order=True), Spans(None, mask)
    rows = torch.zeros_like(every_cell)
    rows[chosen] = every_cell[: len(chosen)]
    # numbers grow downwards in a column, so the maximum so far is that of the nearest computed cell above
    cells = Cells(rows.view_as(distinct).cummax(0).values)
    are_few = len(chosen) * _SPAN <= distinct.numel() and len(mask) == 1
    return cells, _short_spans(distinct, heads) if are_few else Spans(chosen, mask)


def _short_spans(distinct: Tensor, heads: int) -> Spans:
    """Cut the distinct cells at the end of each row into spans of `_SPAN` queries, the last one padded."""
    counts = distinct.sum(1)  # (B,)
    firsts = distinct.int().argmax(1)  # (B,) distinct cells of a row are contiguous
    pieces = (counts + _SPAN - 1) // _SPAN  # (B,) spans per row
    owners = torch.arange(len(distinct), device=distinct.device).repeat_interleave(pieces)  # (C,)
    # number of each span within its row
    index = torch.arange(len(owners), device=distinct.device) - (pieces.cumsum(0) - pieces)[owners]
    within = index[:, None] * _SPAN + torch.arange(_SPAN, device=distinct.device)  # (C, Q)
    real = (within < counts[owners, None]).flatten().nonzero().squeeze(1)
    columns = (firsts[owners, None] + within).clamp(max=distinct.shape[1] - 1)
    ahead = torch.arange(distinct.shape[1], device=distinct.device) > columns[..., None]  # (C, Q, S)
    mask = torch.zeros(ahead.shape, device=distinct.device).masked_fill(ahead, float("-inf"))
    return Spans(real, mask.repeat_interleave(heads, 0), owners[:, None], columns)


def distinct_embeddings(tokens: Tensor, positions: Tensor, size: int) -> tuple[Tensor, Tensor, Cells]:
    """Return the R distinct pairs of token and position, as (R,) and (R,), and which pair each cell of the batch has.

    `tokens` and `positions` are (B, S), and so are the rows of the returned `Cells`; `size` exceeds every position.
    """
    pairs, rows = torch.unique(tokens * size + positions, return_inverse=True)
    return pairs // size, pairs % size, Cells(rows)
