"""A one-slot queue between threads that keeps only the newest item."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Put replaces, take empties. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._item: Item | None = None

    @property
    def is_empty(self) -> bool:
        """True once the last letter was taken: the sender may prepare another."""
        return self._item is None

    def put(self, item: Item) -> None:
        """Leave `item` in the place of what lies there."""
        with self._lock:
            self._item = item

    def take(self) -> Item | None:
        """Return what lies there, if anything, and leave the box empty."""
        with self._lock:
            item, self._item = self._item, None
            return item
