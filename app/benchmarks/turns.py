"""Execute a curriculum with and without a window in alternation, so that load on the machine affects both alike."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal

from agents.commands import Pause, Resume
from app.benchmarks.heartbeat import EventLoopProbe
from app.benchmarks.windowless_process import Opponent
from app.session.session import Session
from widgets.scene import Scene


class Turns(QObject):
    """Lets a session and its opponent learn a stretch each, again and again; only one of them works at a time.

    The heart beats while it is the session's turn.

    Signals:
        over: both have come to the end of the curriculum.
    """

    over = Signal()

    def __init__(self, session: Session, opponent: Opponent, heartbeat: EventLoopProbe, stretch: int) -> None:
        super().__init__(session)
        self._session, self._opponent, self._heartbeat = session, opponent, heartbeat
        self._stretch, self._goal = stretch, 0
        self._to_wait = {"window", "opponent"}
        """Who must be ready before the first turn."""
        session.state_changed.connect(self._follow)
        session.scene_changed.connect(self._watch)
        opponent.waiting.connect(self._welcome_opponent)
        opponent.over.connect(self._take_turn)
        opponent.start()
        session.start((Pause(),))

    def _welcome_opponent(self) -> None:
        self._be_ready("opponent")

    def _be_ready(self, who: str) -> None:
        self._to_wait.discard(who)
        if not self._to_wait:
            self._take_turn()

    def _take_turn(self) -> None:
        if not self._session.is_live:
            self.over.emit()
            return
        self._goal += self._stretch
        self._session.put(Resume())

    def _follow(self, state: str) -> None:
        if state == "running" and not self._to_wait:
            self._heartbeat.start()
            return
        self._heartbeat.stop()
        if state == "paused" and self._to_wait:
            self._be_ready("window")
        elif state == "paused":
            self._opponent.go(self._goal)
        elif state in ("stored", "idle"):
            self._opponent.go(sys.maxsize)

    def _watch(self, scene: Scene) -> None:
        if scene.state == "running" and scene.story is not None and scene.story.step >= self._goal > 0:
            self._goal = max(self._goal, scene.story.step)
            self._session.put(Pause())
