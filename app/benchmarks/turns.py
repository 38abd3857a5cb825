"""Execute a curriculum with and without a window in alternation, so that load on the machine affects both alike."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal

from agents.commands import Pause, Resume
from app.benchmarks.heartbeat import EventLoopProbe
from app.benchmarks.windowless_process import WindowlessProcess
from app.session.session import Session
from widgets.scene import Scene


class Turns(QObject):
    """Alternates a session and a process without a window, `stretch` steps each; only one of them runs at a time.

    The probe measures while the session runs.

    Signals:
        over: both have completed the curriculum.
    """

    over = Signal()

    def __init__(self, session: Session, process: WindowlessProcess, probe: EventLoopProbe, stretch: int) -> None:
        super().__init__(session)
        self._session, self._process, self._probe = session, process, probe
        self._stretch, self._goal = stretch, 0
        self._starting = {"window", "process"}
        """Sides that are not ready for the first turn."""
        session.state_changed.connect(self._follow_state)
        session.scene_changed.connect(self._pause_at_goal)
        process.paused.connect(self._set_process_ready)
        process.over.connect(self._take_turn)
        process.start()
        session.start((Pause(),))

    def _set_process_ready(self) -> None:
        self._set_ready("process")

    def _set_ready(self, side: str) -> None:
        self._starting.discard(side)
        if not self._starting:
            self._take_turn()

    def _take_turn(self) -> None:
        if not self._session.is_live:
            self.over.emit()
            return
        self._goal += self._stretch
        self._session.put(Resume())

    def _follow_state(self, state: str) -> None:
        if state == "running" and not self._starting:
            self._probe.start()
            return
        self._probe.stop()
        if state == "paused" and self._starting:
            self._set_ready("window")
        elif state == "paused":
            self._process.run_to(self._goal)
        elif state in ("stored", "idle"):
            self._process.run_to(sys.maxsize)

    def _pause_at_goal(self, scene: Scene) -> None:
        if scene.state == "running" and scene.story is not None and scene.story.step >= self._goal > 0:
            self._goal = max(self._goal, scene.story.step)
            self._session.put(Pause())
