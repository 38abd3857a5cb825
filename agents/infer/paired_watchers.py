"""Paired watchers: an earlier and the current policy in the same episodes."""

from __future__ import annotations

from agents.events import Frame
from agents.infer.watcher import Watcher
from envs.task import Task


class PairedWatchers:
    """Steps one or several watchers, which begin every episode together in the same state.

    A watcher whose episode ends first waits for the others, so that differences between the pictures are due to the
    policies alone.
    """

    def __init__(self, *watchers: Watcher, seed: int | None = None) -> None:
        """Seed all watchers equally with `seed`; None keeps their own seeds."""
        self.watchers = watchers
        self._moved = [True] * len(watchers)
        if seed is not None:
            for watcher in watchers:
                watcher.reseed(seed)

    def show(self, task: Task, task_id: int | None) -> None:
        """Begin an episode of `task`; `task_id` is None for a task outside of the curriculum."""
        self._moved = [True] * len(self.watchers)
        for watcher in self.watchers:
            watcher.show(task, task_id)

    def reset(self) -> tuple[Frame, ...]:
        """Begin a new episode."""
        self._moved = [True] * len(self.watchers)
        return tuple(watcher.reset() for watcher in self.watchers)

    def instruct(self, text: str) -> tuple[Frame, ...]:
        """Give all agents the same instruction; those that waited continue. Raises NotUnderstood."""
        self._moved = [True] * len(self.watchers)
        return tuple(watcher.instruct(text) for watcher in self.watchers)

    def step(self) -> tuple[Frame, ...]:
        """Step all watchers whose episode is not over; if all are over, begin a new episode."""
        self._moved = [not watcher.is_over for watcher in self.watchers]
        if not any(self._moved):
            return self.reset()
        moves = zip(self.watchers, self._moved, strict=True)
        return tuple(watcher.step() if moved else watcher.frame(1.0) for watcher, moved in moves)

    def frame(self, blend: float) -> tuple[Frame, ...]:
        """Render the current frame, `blend` of the way from the previous one; waiting watchers do not move."""
        moves = zip(self.watchers, self._moved, strict=True)
        return tuple(watcher.frame(blend if moved else 1.0) for watcher, moved in moves)
