"""Which actions of a menu are drawn where not all of them have room."""

from __future__ import annotations

from collections.abc import Sequence

LEAST_ROWS = 3
"""The chosen action, the likeliest one, and the count of the others."""
TOLERANCE = 0.05
"""Probability by which a hidden action must exceed a drawn one to take its row: otherwise rows would flicker."""


def folded(
    shares: Sequence[float], chosen: int | None, rows: int, before: Sequence[int | None] = ()
) -> tuple[int, ...]:
    """Return the places in the menu of the actions to draw, from top to bottom.

    All of them where they fit into `rows`, which is taken for `LEAST_ROWS` if it is less; otherwise `rows - 1`: the
    last row counts the others. The chosen action and the likeliest one are always among them, and no hidden action is
    more than `TOLERANCE` likelier than a drawn one that was not chosen. An action stays in the row that it had in
    `before`, where None is a row that has become free.
    """
    rows = max(rows, LEAST_ROWS)
    if len(shares) <= rows:
        return tuple(range(len(shares)))
    drawn = _kept(before, rows - 1, shares)
    needed = {max(range(len(shares)), key=shares.__getitem__)} | ({chosen} if chosen is not None else set())
    for place in sorted(needed.difference(drawn)):
        drawn[drawn.index(_least(drawn, needed, shares))] = place
    while set(drawn) != needed:
        least, most = _least(drawn, needed, shares), _most_likely(drawn, shares, 1)[0]
        if shares[most] <= shares[least] + TOLERANCE:
            break
        drawn[drawn.index(least)] = most
    return tuple(drawn)


def _kept(before: Sequence[int | None], rows: int, shares: Sequence[float]) -> list[int]:
    """Leave actions in their rows, and give the likeliest of the others the free ones, in the menu's order."""
    slots = (list(before) + [None] * rows)[:rows]
    free = slots.count(None)
    others = iter(sorted(_most_likely([place for place in slots if place is not None], shares, free)))
    return [next(others) if place is None else place for place in slots]


def _most_likely(drawn: Sequence[int], shares: Sequence[float], number: int) -> list[int]:
    hidden = [place for place in range(len(shares)) if place not in drawn]
    return sorted(hidden, key=lambda place: -shares[place])[:number]


def _least(drawn: Sequence[int], needed: set[int], shares: Sequence[float]) -> int:
    return min((place for place in drawn if place not in needed), key=shares.__getitem__)
