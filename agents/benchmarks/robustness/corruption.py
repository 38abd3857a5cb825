"""Ways to corrupt a file: truncated, overwritten, bits flipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

Chance = np.random.Generator
Option = TypeVar("Option")
Spoil = Callable[[bytes, Chance], bytes]
_DEEP = 20_000
_HUGE = 200_000


def picked(options: Sequence[Option], chance: Chance) -> Option:
    """Return one of them."""
    return options[int(chance.integers(len(options)))]


def flipped(content: bytes, chance: Chance) -> bytes:
    """Turn over some bits."""
    spoilt = bytearray(content)
    for place in chance.integers(len(spoilt), size=int(chance.integers(1, 9))):
        spoilt[place] ^= 1 << int(chance.integers(8))
    return bytes(spoilt)


def cut(content: bytes, chance: Chance) -> bytes:
    """Lose the end."""
    return content[: int(chance.integers(len(content)))]


def doubled(content: bytes, chance: Chance) -> bytes:
    """Say a piece twice."""
    start, end = sorted(int(place) for place in chance.integers(len(content), size=2))
    return content[:end] + content[start:]


def emptied(content: bytes, chance: Chance) -> bytes:
    """Lose a piece to zeros."""
    start, end = sorted(int(place) for place in chance.integers(len(content), size=2))
    return content[:start] + bytes(end - start) + content[end:]


def noise(content: bytes, chance: Chance) -> bytes:
    """Be something else, with the right beginning or without it."""
    return content[: int(chance.choice([0, 4, 16]))] + chance.bytes(int(chance.integers(5_000)))


PLAIN: tuple[Spoil, ...] = (flipped, cut, doubled, emptied, noise)
"""What can happen to any file."""

TEXTS: tuple[Callable[[Chance], str], ...] = (
    lambda chance: "x = " + "[" * _DEEP,
    lambda chance: "x = " + "{a=" * _DEEP,
    lambda chance: ".".join("a" * int(chance.integers(1, 9)) for _ in range(_DEEP)) + " = 1",
    lambda chance: f'"{"k" * _HUGE}" = 1',
    lambda chance: f"{'k' * 3_000} = 1",
    lambda chance: f"seed = {'9' * 3_900}",
    lambda chance: "seed = nan",
    lambda chance: "[learning]\nrate = inf",
    lambda chance: "[learning]\nrate = -nan",
    lambda chance: "[learning]\nworlds = 1e300",
    lambda chance: '[[stages]]\ntask = "gym:os:system"\nsteps = 1',
    lambda chance: '[[stages]]\ntask = "../../etc/passwd"\nsteps = 1',
    lambda chance: '[[stages]]\ntask = "household/go-to"\nsteps = 1\n[stages.options]\nobjects = 1e9',
    lambda chance: "name = '" + "\u202e\u0007" * 500 + "'",
    lambda chance: "a = 1\n" * 20_000,
    lambda chance: "[a]\n" * 20_000,
    lambda chance: "[[stages]]\n" * 20_000,
    lambda chance: "\n".join(f"[t{number}]" for number in range(30_000)),
    lambda chance: 'x = """' + "\\" * int(chance.integers(1, 3_000)),
    lambda chance: "date = 9999-99-99",
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


def text(content: bytes, chance: Chance) -> bytes:
    """Put one of `TEXTS` before, behind or instead of a curriculum."""
    odd = picked(TEXTS, chance)(chance).encode(errors="replace")
    return picked((odd + b"\n" + content, content + b"\n" + odd, odd), chance)


def word(content: bytes, chance: Chance) -> bytes:
    """Put a value that does not belong there behind one of the equals signs."""
    lines = content.decode().splitlines()
    places = [place for place, line in enumerate(lines) if "=" in line]
    place = picked(places, chance)
    key = lines[place].partition("=")[0]
    lines[place] = f"{key}= {picked(WORDS, chance)}"
    return "\n".join(lines).encode()
