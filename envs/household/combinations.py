"""Which things go with which places, and which of these pairs are held out of training."""

from __future__ import annotations

from typing import Literal
from zlib import crc32

from envs.household.floor_plan import CARRIED

Split = Literal["all", "train", "held_out"]


def held_out(place: str) -> str:
    """Return the thing that is never asked for together with `place` in training.

    It is the one whose pair has the smallest checksum: the same in every run, on every machine.
    """
    return min(CARRIED, key=lambda thing: crc32(f"{thing} {place}".encode()))


def combinations(places: tuple[str, ...], split: Split) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a thing and a place that may be asked for."""
    pairs = tuple((thing, place) for thing in CARRIED for place in places)
    if split == "all":
        return pairs
    return tuple(pair for pair in pairs if (held_out(pair[1]) == pair[0]) == (split == "held_out"))
