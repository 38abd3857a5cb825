"""Progress of downloading, converting and loading a model."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Literal

Phase = Literal["fetching", "converting", "loading", "here"]
EVERY = 0.1
"""Seconds between two looks at a child that works."""


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """What is being done to have a model, and how much of it is done."""

    phase: Phase
    done: int = 0
    """Bytes that came so far, where that is known."""


@dataclass(frozen=True, slots=True)
class ChildResult:
    """What a child left behind."""

    code: int
    said: str
    """On stdout."""
    complained: str
    """On stderr."""


def run_child(
    command: Sequence[str], environment: Mapping[str, str], seconds: float, look: Callable[[], LoadProgress]
) -> Generator[LoadProgress, None, ChildResult]:
    """Run a child, and yield what `look` tells while it works. Whoever closes the generator ends the child.

    Raises `subprocess.TimeoutExpired` where it takes longer than `seconds`.
    """
    with TemporaryFile() as said, TemporaryFile() as complained:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=complained, env=environment)
        since = time.monotonic()
        try:
            while child.poll() is None:
                if time.monotonic() - since > seconds:
                    raise subprocess.TimeoutExpired(command, seconds)
                yield look()
                time.sleep(EVERY)
        finally:
            child.kill()
            child.wait()
        for stream in (said, complained):
            stream.seek(0)
        return ChildResult(child.returncode, *(stream.read().decode(errors="replace") for stream in (said, complained)))
