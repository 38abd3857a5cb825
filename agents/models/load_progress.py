"""Progress of downloading, converting and loading a model."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Literal

Phase = Literal["fetching", "converting", "loading", "here"]
POLL_INTERVAL = 0.1
"""Seconds between two checks of a running subprocess."""


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """The current phase of loading a model, and the progress within it."""

    phase: Phase
    done: int = 0
    """Bytes downloaded so far, where that is known."""


@dataclass(frozen=True, slots=True)
class ChildResult:
    """The exit code and the output of a subprocess."""

    code: int
    stdout: str
    stderr: str


def run_child(
    command: Sequence[str], environment: Mapping[str, str], seconds: float, progress: Callable[[], LoadProgress]
) -> Generator[LoadProgress, None, ChildResult]:
    """Run a subprocess, and yield `progress()` while it runs. Closing the generator kills the subprocess.

    Raises `subprocess.TimeoutExpired` if it takes longer than `seconds`.
    """
    # files instead of pipes: a full pipe would block the subprocess while nobody reads
    with TemporaryFile() as stdout, TemporaryFile() as stderr:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=environment)
        started = time.monotonic()
        try:
            while child.poll() is None:
                if time.monotonic() - started > seconds:
                    raise subprocess.TimeoutExpired(command, seconds)
                yield progress()
                time.sleep(POLL_INTERVAL)
        finally:
            child.kill()
            child.wait()
        for stream in (stdout, stderr):
            stream.seek(0)
        return ChildResult(child.returncode, *(stream.read().decode(errors="replace") for stream in (stdout, stderr)))
