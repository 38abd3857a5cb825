"""Watchers in lockstep: an earlier and the current policy in the same episodes."""

from __future__ import annotations

from agents.events import Frame
from agents.infer.watcher import Watcher
from envs.task import Task


class PairedWatchers:
    """Steps one watcher, or several at once, from the same world to the same next world.

    Whose episode ends first waits for the others, so that each episode begins alike for all:
    what differs between their pictures is then the agents' doing alone.
    """

    def __init__(self, *watchers: Watcher, seed: int | None = None) -> None:
        """`seed` is given to every watcher, so that they share worlds and dice; None leaves them theirs."""
        self.watchers = watchers
        self._moved = [True] * len(watchers)
        if seed is not None:
            for watcher in watchers:
                watcher.reseed(seed)

    def show(self, task: Task, task_id: int | None) -> None:
        """Begin an episode of `task`; `task_id` is its place in the matrix, None if it has none."""
        self._moved = [True] * len(self.watchers)
        for watcher in self.watchers:
            watcher.show(task, task_id)

    def reset(self) -> tuple[Frame, ...]:
        """Begin a new episode."""
        self._moved = [True] * len(self.watchers)
        return tuple(watcher.reset() for watcher in self.watchers)

    def instruct(self, text: str) -> tuple[Frame, ...]:
        """Tell every agent the same; who waited for the others goes on. Raises NotUnderstood."""
        self._moved = [True] * len(self.watchers)
        return tuple(watcher.instruct(text) for watcher in self.watchers)

    def step(self) -> tuple[Frame, ...]:
        """Act once, all whose episode goes on; begin anew where every episode has ended."""
        self._moved = [not watcher.is_over for watcher in self.watchers]
        if not any(self._moved):
            return self.reset()
        moves = zip(self.watchers, self._moved, strict=True)
        return tuple(watcher.step() if moved else watcher.frame(1.0) for watcher, moved in moves)

    def frame(self, blend: float) -> tuple[Frame, ...]:
        """Paint the present, `blend` of the way from the moment before; who waits stands still."""
        moves = zip(self.watchers, self._moved, strict=True)
        return tuple(watcher.frame(blend if moved else 1.0) for watcher, moved in moves)
