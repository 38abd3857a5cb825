"""The interface of storage that a trainer writes to. `agents.store.run.Run` implements it."""

from __future__ import annotations

from typing import Any, Protocol

from agents.store.checkpoint_contents import Checkpoint
from agents.store.full_checkpoints import FullCheckpoint
from agents.store.task_weights import Arrays, ArraysByTask


class Storage(Protocol):
    """Weights along the way, full checkpoints, and whether the story itself gets written."""

    @property
    def trouble(self) -> str:
        """Why what was told waits in memory to be written; empty if it doesn't."""

    def settle(self) -> None:
        """Write what waits. Raises OSError if that still can't be done."""

    def keep(self, step: int, arrays: Arrays, about: dict[str, Any], task_arrays: ArraysByTask) -> str:
        """Store weights of this step; return the name they can be found under. Raises OSError."""

    @property
    def event_count(self) -> int:
        """How many events there are, written or waiting."""

    def save(self, step: int, arrays: Arrays, plain: Checkpoint, told: int | None = None) -> str:
        """Store everything that going on needs, as it was after so many events; return its name. Raises OSError."""

    def saved(self) -> FullCheckpoint:
        """Return the newest full checkpoint that is whole."""
