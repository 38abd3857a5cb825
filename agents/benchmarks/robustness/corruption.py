"""Ways to corrupt a file: truncated, overwritten, bits flipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

Chance = np.random.Generator
Option = TypeVar("Option")
Corrupt = Callable[[bytes, Chance], bytes]
_DEEP = 20_000
_HUGE = 200_000


def picked(options: Sequence[Option], rng: Chance) -> Option:
    """Return one of them."""
    return options[int(rng.integers(len(options)))]


def flipped(content: bytes, rng: Chance) -> bytes:
    """Turn over some bits."""
    spoilt = bytearray(content)
    for place in rng.integers(len(spoilt), size=int(rng.integers(1, 9))):
        spoilt[place] ^= 1 << int(rng.integers(8))
    return bytes(spoilt)


def cut(content: bytes, rng: Chance) -> bytes:
    """Lose the end."""
    return content[: int(rng.integers(len(content)))]


def doubled(content: bytes, rng: Chance) -> bytes:
    """Say a piece twice."""
    start, end = sorted(int(place) for place in rng.integers(len(content), size=2))
    return content[:end] + content[start:]


def emptied(content: bytes, rng: Chance) -> bytes:
    """Lose a piece to zeros."""
    start, end = sorted(int(place) for place in rng.integers(len(content), size=2))
    return content[:start] + bytes(end - start) + content[end:]


def noise(content: bytes, rng: Chance) -> bytes:
    """Be something else, with the right beginning or without it."""
    return content[: int(rng.choice([0, 4, 16]))] + rng.bytes(int(rng.integers(5_000)))


PLAIN: tuple[Corrupt, ...] = (flipped, cut, doubled, emptied, noise)
"""What can happen to any file."""

TEXTS: tuple[Callable[[Chance], str], ...] = (
    lambda rng: "x = " + "[" * _DEEP,
    lambda rng: "x = " + "{a=" * _DEEP,
    lambda rng: ".".join("a" * int(rng.integers(1, 9)) for _ in range(_DEEP)) + " = 1",
    lambda rng: f'"{"k" * _HUGE}" = 1',
    lambda rng: f"{'k' * 3_000} = 1",
    lambda rng: f"seed = {'9' * 3_900}",
    lambda rng: "seed = nan",
    lambda rng: "[learning]\nrate = inf",
    lambda rng: "[learning]\nrate = -nan",
    lambda rng: "[learning]\nworlds = 1e300",
    lambda rng: '[[stages]]\ntask = "gym:os:system"\nsteps = 1',
    lambda rng: '[[stages]]\ntask = "../../etc/passwd"\nsteps = 1',
    lambda rng: '[[stages]]\ntask = "household/go-to"\nsteps = 1\n[stages.options]\nobjects = 1e9',
    lambda rng: "name = '" + "\u202e\u0007" * 500 + "'",
    lambda rng: "a = 1\n" * 20_000,
    lambda rng: "[a]\n" * 20_000,
    lambda rng: "[[stages]]\n" * 20_000,
    lambda rng: "\n".join(f"[t{number}]" for number in range(30_000)),
    lambda rng: 'x = """' + "\\" * int(rng.integers(1, 3_000)),
    lambda rng: "date = 9999-99-99",
)
"""Texts that some reader of TOML, or of settings, has stumbled over."""


WORDS = (
    "nan",
    "-inf",
    "[]",
    "{}",
    "true",
    "''",
    "1e400",
    "-1",
    "0x" + "f" * 900,
    "1979-05-27",
    "[[[[]]]]",
    "'\\u0000'",
)
"""Values that hardly any setting takes."""


def text(content: bytes, rng: Chance) -> bytes:
    """Put one of `TEXTS` before, behind or instead of a curriculum."""
    odd = picked(TEXTS, rng)(rng).encode(errors="replace")
    return picked((odd + b"\n" + content, content + b"\n" + odd, odd), rng)


def word(content: bytes, rng: Chance) -> bytes:
    """Put a value that does not belong there behind one of the equals signs."""
    lines = content.decode().splitlines()
    places = [place for place, line in enumerate(lines) if "=" in line]
    place = picked(places, rng)
    key = lines[place].partition("=")[0]
    lines[place] = f"{key}= {picked(WORDS, rng)}"
    return "\n".join(lines).encode()
