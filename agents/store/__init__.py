"""The interface of storage that a trainer writes to. `agents.store.run.Run` implements it."""

from __future__ import annotations

from typing import Any, Protocol

from agents.store.checkpoint_contents import Checkpoint
from agents.store.full_checkpoints import FullCheckpoint
from agents.store.task_weights import Arrays, ArraysByTask


class Storage(Protocol):
    """Stores weight checkpoints and full checkpoints, and reports failed writes of the event log."""

    @property
    def write_error(self) -> str:
        """Why events wait in memory instead of on disk; empty if none wait."""

    def settle(self) -> None:
        """Write all waiting events. Raises OSError if the write fails again."""

    def keep(self, step: int, arrays: Arrays, about: dict[str, Any], task_arrays: ArraysByTask) -> str:
        """Store a weight checkpoint; return its name. Raises OSError."""

    @property
    def event_count(self) -> int:
        """Number of events, written or waiting."""

    def save(self, step: int, arrays: Arrays, plain: Checkpoint, sequence: int | None = None) -> str:
        """Store a full checkpoint taken after `sequence` events, or after all; return its name. Raises OSError."""

    def saved(self) -> FullCheckpoint:
        """Return the newest undamaged full checkpoint."""
