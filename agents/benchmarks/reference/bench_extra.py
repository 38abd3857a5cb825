"""The optional dependencies of the extra `bench`, without which the lab is usually installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needs_sb3() -> Iterator[None]:
    """Wrap imports of modules that need stable-baselines3.

    Raises ModuleNotFoundError, with the command that installs it, if an import in the context fails.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("stable-baselines3 is missing; pip install 'palimpsest[bench]'") from error
