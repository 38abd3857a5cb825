"""Pairs of a thing and a place, and which of them are held out of training."""

from __future__ import annotations

from typing import Literal
from zlib import crc32

from envs.household.floor_plan import CARRIED

Split = Literal["all", "train", "held_out"]


def held_out(place: str) -> str:
    """Return the thing that training never pairs with `place`.

    It is the one whose pair has the smallest CRC-32, which is the same in every run and on every machine.
    """
    return min(CARRIED, key=lambda thing: crc32(f"{thing} {place}".encode()))


def combinations(places: tuple[str, ...], split: Split) -> tuple[tuple[str, str], ...]:
    """Return the pairs (thing, place) of a split."""
    pairs = tuple((thing, place) for thing in CARRIED for place in places)
    if split == "all":
        return pairs
    return tuple(pair for pair in pairs if (held_out(pair[1]) == pair[0]) == (split == "held_out"))
