"""Errors of a run, an environment and user input, and the one-line message of each."""

from __future__ import annotations

import re
from math import isfinite
from typing import SupportsFloat

from envs.external.checked_env import ExternalEnvFault

_LONGEST = 400
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def one_line(text: str) -> str:
    """Return `text` without line breaks and control characters, and not endless; the same object if it is so."""
    flat = " ".join(_UNSEEN.sub(" ", text).split())
    if flat == text and len(flat) <= _LONGEST:
        return text
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"


class BadInput(ValueError):
    """What a person gave cannot be used: one line that names the place, the value and the remedy."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


OF_A_WORLD = (Exception, SystemExit)
"""What a world may raise without ending more than its stage: `sys.exit` in somebody's code is no wish of a person."""
_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")
"""How Torch says it, on a GPU and on the host."""


class NotFinite(FloatingPointError):
    """A number to learn from is none: a reward, a score, a loss or a gradient. The weights were left as they were."""


class WorldFault(RuntimeError):
    """A world raised; `index` says which, and `__cause__` what."""

    def __init__(self, index: int, error: BaseException) -> None:
        raised = f"world {index} raised {type(error).__name__}: {error}"
        super().__init__(str(error) if isinstance(error, ExternalEnvFault) else raised)
        self.index = index


def finite(name: str, value: SupportsFloat) -> float:
    """Return what a world paid or scored as a number. Raises NotFinite if it is none."""
    number = float(value)
    if not isfinite(number):
        raise NotFinite(f"its {name} is {number}, and must be a finite number")
    return number


def said(error: BaseException) -> str:
    """Return what people are told of an error: those that explain themselves need no type."""
    return str(error) if isinstance(error, WorldFault | ExternalEnvFault) else f"{type(error).__name__}: {error}"


def reason(error: Exception) -> str:
    """Return why a file could not be read or written: the system's own words where it has some."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether there was no memory for a computation: smaller ones may still fit."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in said for words in _NO_MEMORY)
    )
