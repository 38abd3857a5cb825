"""Errors of a run, an environment and user input, and the one-line message of each."""

from __future__ import annotations

import re
from math import isfinite
from typing import SupportsFloat

from envs.external.checked_env import ExternalEnvFault

_LONGEST = 400
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def one_line(text: str) -> str:
    """Return `text` in one line of at most 400 characters, without control characters; the same object if unchanged."""
    flat = " ".join(_UNSEEN.sub(" ", text).split())
    if flat == text and len(flat) <= _LONGEST:
        return text
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"


class BadInput(ValueError):
    """Invalid input from the user; the message is one line that names the place, the value and the remedy."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


ENV_ERRORS = (Exception, SystemExit)
"""Errors of an environment that end only its stage, `sys.exit` in its code included."""
_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")
"""Parts of Torch's messages, on a GPU and on the host."""


class NotFinite(FloatingPointError):
    """A reward, score, loss or gradient is NaN or infinite. The weights were not changed."""


class WorldFault(RuntimeError):
    """An environment raised an error, which is `__cause__`; `index` is the environment's."""

    def __init__(self, index: int, error: BaseException) -> None:
        text = f"world {index} raised {type(error).__name__}: {error}"
        super().__init__(str(error) if isinstance(error, ExternalEnvFault) else text)
        self.index = index


def finite(name: str, value: SupportsFloat) -> float:
    """Return a reward or score as a float. Raises NotFinite if it is NaN or infinite."""
    number = float(value)
    if not isfinite(number):
        raise NotFinite(f"its {name} is {number}, and must be a finite number")
    return number


def error_text(error: BaseException) -> str:
    """Return the message of an error, after its type's name unless it is a fault of an environment."""
    return str(error) if isinstance(error, WorldFault | ExternalEnvFault) else f"{type(error).__name__}: {error}"


def reason(error: Exception) -> str:
    """Return why a file could not be read or written: the system's message if it has one."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def is_out_of_memory(error: Exception) -> bool:
    """Return whether a computation failed for lack of memory; a smaller one may still fit."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(phrase in text for phrase in _NO_MEMORY)
    )
