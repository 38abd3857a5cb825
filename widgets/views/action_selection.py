"""Selects the actions to draw when not all rows fit."""

from __future__ import annotations

from collections.abc import Sequence

MIN_ROWS = 3
"""Rows for the chosen action, the likeliest one, and the count of the others."""
TOLERANCE = 0.05
"""Probability by which a hidden action must exceed a drawn one to take its row: otherwise rows would flicker."""


def select_rows(
    shares: Sequence[float], chosen: int | None, rows: int, before: Sequence[int | None] = ()
) -> tuple[int, ...]:
    """Return the indices of the actions to draw, from top to bottom, given their probabilities `shares`.

    These are all actions if they fit into `rows` (at least `MIN_ROWS`), otherwise `rows - 1` of them: the last row
    counts the others. The chosen and the likeliest action are always drawn, and no hidden action is more than
    `TOLERANCE` likelier than a drawn one that was not chosen. An action stays in the row that it had in `before`,
    where None is a free row.
    """
    rows = max(rows, MIN_ROWS)
    if len(shares) <= rows:
        return tuple(range(len(shares)))
    drawn = _fill_rows(before, rows - 1, shares)
    needed = {max(range(len(shares)), key=shares.__getitem__)} | ({chosen} if chosen is not None else set())
    for index in sorted(needed.difference(drawn)):
        drawn[drawn.index(_least_likely(drawn, needed, shares))] = index
    while set(drawn) != needed:
        replaceable, hidden = _least_likely(drawn, needed, shares), _likeliest_hidden(drawn, shares, 1)[0]
        if shares[hidden] <= shares[replaceable] + TOLERANCE:
            break
        drawn[drawn.index(replaceable)] = hidden
    return tuple(drawn)


def _fill_rows(before: Sequence[int | None], rows: int, shares: Sequence[float]) -> list[int]:
    """Leave actions in their rows, and fill the free rows with the likeliest other ones, in order of their index."""
    slots = (list(before) + [None] * rows)[:rows]
    free = slots.count(None)
    others = iter(sorted(_likeliest_hidden([index for index in slots if index is not None], shares, free)))
    return [next(others) if index is None else index for index in slots]


def _likeliest_hidden(drawn: Sequence[int], shares: Sequence[float], number: int) -> list[int]:
    hidden = [index for index in range(len(shares)) if index not in drawn]
    return sorted(hidden, key=lambda index: -shares[index])[:number]


def _least_likely(drawn: Sequence[int], needed: set[int], shares: Sequence[float]) -> int:
    return min((index for index in drawn if index not in needed), key=shares.__getitem__)
