"""Random corruption of a file: truncated, overwritten, bits flipped, or with invalid settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

Option = TypeVar("Option")
Corrupt = Callable[[bytes, np.random.Generator], bytes]
"""From the content of a file and a random generator to corrupted content."""
DEEP = 20_000
"""Levels of nesting at which recursive parsers fail."""
HUGE = 200_000
"""Length of an excessive string."""


def picked(options: Sequence[Option], rng: np.random.Generator) -> Option:
    """Return a random option."""
    return options[int(rng.integers(len(options)))]


def flipped(content: bytes, rng: np.random.Generator) -> bytes:
    """Flip 1 to 8 bits."""
    corrupted = bytearray(content)
    for index in rng.integers(len(corrupted), size=int(rng.integers(1, 9))):
        corrupted[index] ^= 1 << int(rng.integers(8))
    return bytes(corrupted)


def truncated(content: bytes, rng: np.random.Generator) -> bytes:
    """Drop the end."""
    return content[: int(rng.integers(len(content)))]


def doubled(content: bytes, rng: np.random.Generator) -> bytes:
    """Repeat a slice."""
    start, end = sorted(rng.integers(len(content), size=2).tolist())
    return content[:end] + content[start:]


def zeroed(content: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite a slice with zeros."""
    start, end = sorted(rng.integers(len(content), size=2).tolist())
    return content[:start] + bytes(end - start) + content[end:]


def noise(content: bytes, rng: np.random.Generator) -> bytes:
    """Replace the content by random bytes, after the first 0, 4 or 16 bytes."""
    return content[: int(rng.choice([0, 4, 16]))] + rng.bytes(int(rng.integers(5_000)))


ANY_FILE: tuple[Corrupt, ...] = (flipped, truncated, doubled, zeroed, noise)
"""Corruptions of files of any type."""

TEXTS: tuple[Callable[[np.random.Generator], str], ...] = (
    lambda rng: "x = " + "[" * DEEP,
    lambda rng: "x = " + "{a=" * DEEP,
    lambda rng: ".".join("a" * int(rng.integers(1, 9)) for _ in range(DEEP)) + " = 1",
    lambda rng: f'"{"k" * HUGE}" = 1',
    lambda rng: f"{'k' * 3_000} = 1",
    lambda rng: f"seed = {'9' * 3_900}",
    lambda rng: "seed = nan",
    lambda rng: "[learning]\nlearning_rate = inf",
    lambda rng: "[learning]\nlearning_rate = -nan",
    lambda rng: "[learning]\nn_envs = 1e300",
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
"""Texts on which a TOML parser, or a reader of settings, may fail."""


VALUES = (
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
"""Values that are invalid for nearly every setting."""


def with_bad_text(content: bytes, rng: np.random.Generator) -> bytes:
    """Put one of `TEXTS` before, behind or in place of a curriculum."""
    bad_text = picked(TEXTS, rng)(rng).encode(errors="replace")
    return picked((bad_text + b"\n" + content, content + b"\n" + bad_text, bad_text), rng)


def with_bad_value(content: bytes, rng: np.random.Generator) -> bytes:
    """Replace the value of a random setting by one of `VALUES`."""
    lines = content.decode().splitlines()
    index = picked([index for index, line in enumerate(lines) if "=" in line], rng)
    key = lines[index].partition("=")[0]
    lines[index] = f"{key}= {picked(VALUES, rng)}"
    return "\n".join(lines).encode()
