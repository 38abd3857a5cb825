"""A one-slot queue between threads that keeps only the newest item."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Holds at most one item: `put` replaces it, `take` removes it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._item: Item | None = None

    @property
    def is_empty(self) -> bool:
        """True if the last item has been taken, so that the sender may prepare another."""
        return self._item is None

    def put(self, item: Item) -> None:
        """Store `item`, replacing an item that was not taken."""
        with self._lock:
            self._item = item

    def take(self) -> Item | None:
        """Remove and return the item; None if there is none."""
        with self._lock:
            item, self._item = self._item, None
            return item
