"""A one-slot queue between threads that keeps only the newest item."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Letter = TypeVar("Letter")


class Mailbox(Generic[Letter]):
    """Put replaces, take empties. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._letter: Letter | None = None

    @property
    def is_empty(self) -> bool:
        """True once the last letter was taken: the sender may prepare another."""
        return self._letter is None

    def put(self, letter: Letter) -> None:
        """Leave `letter` in the place of what lies there."""
        with self._lock:
            self._letter = letter

    def take(self) -> Letter | None:
        """Return what lies there, if anything, and leave the box empty."""
        with self._lock:
            letter, self._letter = self._letter, None
            return letter
