"""Whether a run waits for room on the disk: told once, and once when it goes on, not at every attempt in between."""

from __future__ import annotations

from typing import Literal

from agents.commands import Pause, Resume, Stop
from agents.events import CommandApplied, Event, StorageFault


class Room:
    """Hears what a run tells, and says what is worth repeating."""

    def __init__(self) -> None:
        self._lack = ""
        """What can't be written, in words; empty if all can."""
        self._is_given_up = False

    def heard(self, event: Event) -> Literal["news", "again", "over"]:
        """Return whether this is to be told, is another attempt in vain, or the first sign that there is room again."""
        command = event.command if isinstance(event, CommandApplied) else None
        if isinstance(event, StorageFault):
            before, self._lack = self._lack, event.message
            return "again" if before == self._lack else "news"
        if not self._lack:
            return "news"
        if isinstance(command, Pause | Resume):
            return "again"
        self._is_given_up = self._is_given_up or isinstance(command, Stop)
        if self._is_given_up:
            return "news"
        self._lack = ""
        return "over"
