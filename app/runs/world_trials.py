"""Test a Gymnasium environment that a person names in a subprocess, before it can be chosen."""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import PathFinder
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from agents.errors import one_line
from widgets.style.translation import tr

LIMIT = 30_000
"""Milliseconds in which a world has to be made and to take one step."""


class WorldTrials(QObject):
    """Tries one world at a time; the one asked for last counts.

    Signals:
        passed: str, the id of a world that can be lived in.
        refused: str, str: an id, and why nobody can live in that world, in one line that names it.
    """

    passed = Signal(str)
    refused = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._id = ""
        self._process: QProcess | None = None
        self._limit = QTimer(self, singleShot=True, interval=LIMIT)
        self._limit.timeout.connect(self._give_up)

    def begin(self, gym_id: str) -> None:
        """Try a world. One whose class only this process knows is let pass: it is looked at when a run begins."""
        self.close()
        described = _described(gym_id)
        if described is None:
            self.passed.emit(gym_id)
            return
        self._id = gym_id
        process = self._process = QProcess(self)
        process.setProcessEnvironment(_environment())
        process.finished.connect(self._conclude)
        process.errorOccurred.connect(self._conclude)
        process.start(sys.executable, ["-m", "envs.external.trial"])
        process.write(f"{json.dumps(described)}\n".encode())
        process.closeWriteChannel()
        self._limit.start()

    def close(self) -> None:
        """Try nothing any more."""
        self._limit.stop()
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._conclude)
            process.errorOccurred.disconnect(self._conclude)
            process.kill()
            process.waitForFinished(LIMIT)
            process.deleteLater()

    def _give_up(self) -> None:
        self.close()
        seconds = LIMIT // 1_000
        said = tr("{world} is not ready after {seconds} s; it can't be lived in", world=self._id, seconds=seconds)
        self.refused.emit(self._id, said)

    def _conclude(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        answer = bytes(process.readAllStandardOutput().data()).decode(errors="replace")
        self.close()
        try:
            said = json.loads(answer)
        except ValueError:
            said = tr("{world} ended the process in which it was tried", world=self._id)
        if said:
            self.refused.emit(self._id, one_line(said))
        else:
            self.passed.emit(self._id)


def _described(gym_id: str) -> dict[str, Any] | None:
    """Return what another process needs to know of an environment; None where that can't be told."""
    import gymnasium  # half a second, and needed only by who types an id

    spec = gymnasium.spec(gym_id)
    described = {name: getattr(spec, name) for name in ("id", "entry_point", "kwargs", "max_episode_steps")}
    if callable(spec.entry_point):
        maker: Any = spec.entry_point
        described["entry_point"] = f"{maker.__module__}:{getattr(maker, '__qualname__', '<locals>')}"
        is_found = PathFinder.find_spec(maker.__module__.split(".")[0]) is not None
        if not is_found or "<" in described["entry_point"]:  # made in a script, a test or a function
            return None
    try:
        json.dumps(described)
    except (TypeError, ValueError):
        return None
    return described


def _environment() -> QProcessEnvironment:
    """Return ours, with the folders from which this process imports, and pictures drawn into memory."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("PYTHONPATH", os.pathsep.join(path or os.curdir for path in sys.path))
    environment.insert("SDL_VIDEODRIVER", "dummy")
    return environment
