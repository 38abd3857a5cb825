"""The user's instruction replaces the goal of the watched episode until it is fulfilled or times out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.events import InstructionStatus
from envs import World
from envs.requests import match_request

MAX_STEPS = 32
"""Steps after which an instruction times out: the time limit of the longest household task in two rooms."""


class InstructionTracker:
    """The last instruction of a watched agent, and its progress."""

    def __init__(self) -> None:
        self.status: InstructionStatus | None = None
        """None before the first instruction."""
        self._was_over = False

    @property
    def is_active(self) -> bool:
        """Whether the instruction is still being carried out."""
        return self.status is not None and self.status.fulfilled is None

    def begin(self, world: World, text: str, *, is_over: bool) -> tuple[str, bool]:
        """Start the instruction `text`; return the observation that contains it, and whether the episode is over.

        An episode that `is_over` continues until the instruction ends. Raises NotUnderstood, without any change, if
        the environment cannot check the instruction now.
        """
        request = match_request(text, world.requests())
        self._was_over = is_over or (self.is_active and self._was_over)
        sentence, is_fulfilled = world.set_request(request)
        self.status = InstructionStatus(request.text, "person", 0, True if is_fulfilled else None)
        return self._end_if_done(world, sentence)

    def update(self, world: World, sentence: str, info: Mapping[str, Any]) -> tuple[str, bool]:
        """Count a step; return the observation after it, and whether the episode is over."""
        assert self.status is not None  # `begin` comes first
        steps = self.status.steps + 1
        fulfilled = True if info["fulfilled"] else False if steps >= MAX_STEPS else None
        self.status = replace(self.status, steps=steps, fulfilled=fulfilled)
        return self._end_if_done(world, sentence)

    def abort(self) -> None:
        """Mark an active instruction as failed, because another episode begins."""
        if self.status is not None and self.is_active:
            self.status = replace(self.status, fulfilled=False)

    def _end_if_done(self, world: World, sentence: str) -> tuple[str, bool]:
        """Restore the goal if the instruction has ended; the episode is over if the goal is fulfilled by now."""
        if self.is_active:
            return sentence, False
        sentence, is_fulfilled = world.set_request(None)
        return sentence, is_fulfilled or self._was_over
