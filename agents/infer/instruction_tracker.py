"""A person's instruction replaces the goal of the watched episode until it is fulfilled or times out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.events import InstructionStatus
from envs import World
from envs.requests import match_request

PATIENCE = 32
"""Steps after which an instruction is given up: as many as an episode of the longest chore in two rooms has."""


class InstructionTracker:
    """What one watched agent was told last, and how far it has come with it."""

    def __init__(self) -> None:
        self.status: InstructionStatus | None = None
        self._was_over = False

    @property
    def is_going_on(self) -> bool:
        """Whether the instruction is still being carried out."""
        return self.status is not None and self.status.fulfilled is None

    def begin(self, world: World, text: str, *, is_over: bool) -> tuple[str, bool]:
        """Tell it `text`; return the sentence that it reads now, and whether the episode is over.

        An episode that `is_over` goes on for as long as the instruction takes. Raises NotUnderstood,
        and then nothing has changed.
        """
        request = match_request(text, world.requests())
        self._was_over = is_over or (self.is_going_on and self._was_over)
        sentence, is_fulfilled = world.ask(request)
        self.status = InstructionStatus(request.text, "person", 0, True if is_fulfilled else None)
        return self._settle(world, sentence)

    def follow(self, world: World, sentence: str, info: Mapping[str, Any]) -> tuple[str, bool]:
        """Take in a step; return what the agent reads after it, and whether the episode is over."""
        assert self.status is not None  # nothing is followed before it was told
        steps = self.status.steps + 1
        fulfilled = True if info["asked"] else False if steps >= PATIENCE else None
        self.status = replace(self.status, steps=steps, fulfilled=fulfilled)
        return self._settle(world, sentence)

    def drop(self) -> None:
        """Give up what is still going on: another episode begins."""
        if self.status is not None and self.is_going_on:
            self.status = replace(self.status, fulfilled=False)

    def _settle(self, world: World, sentence: str) -> tuple[str, bool]:
        """Go back to the goal once there is nothing left to do; if the goal is so by now, the episode is over."""
        if self.is_going_on:
            return sentence, False
        sentence, is_fulfilled = world.ask(None)
        return sentence, is_fulfilled or self._was_over
