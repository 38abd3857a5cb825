"""The optional dependencies of the extra `bench`, without which the lab is usually installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needs_sb3() -> Iterator[None]:
    """Name the remedy if an import inside fails: wrap imports of modules that import stable-baselines3."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("stable-baselines3 is missing; pip install 'palimpsest[bench]'") from error
