"""Test a Gymnasium environment in a subprocess before the user can choose it."""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import PathFinder
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from agents.errors import one_line
from widgets.style.translation import tr

TIME_LIMIT = 30_000
"""Milliseconds in which a world must be created and take one step."""


class WorldTrials(QObject):
    """Tests one world at a time; a new test replaces the current one.

    Signals:
        passed: str, the id of a world that works.
        refused: str, str: an id, and one line with the world's name and the reason.
    """

    passed = Signal(str)
    refused = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._id = ""
        self._process: QProcess | None = None
        self._timer = QTimer(self, singleShot=True, interval=TIME_LIMIT)
        self._timer.timeout.connect(self._time_out)

    def begin(self, gym_id: str) -> None:
        """Test a world. One whose class exists only in this process passes: it is checked when a run starts."""
        self.close()
        spec_data = _spec_data(gym_id)
        if spec_data is None:
            self.passed.emit(gym_id)
            return
        self._id = gym_id
        process = self._process = QProcess(self)
        process.setProcessEnvironment(_environment())
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._finish)
        process.start(sys.executable, ["-m", "envs.external.trial"])
        process.write(f"{json.dumps(spec_data)}\n".encode())
        process.closeWriteChannel()
        self._timer.start()

    def close(self) -> None:
        """Cancel the current test."""
        self._timer.stop()
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._finish)
            process.errorOccurred.disconnect(self._finish)
            process.kill()
            process.waitForFinished(TIME_LIMIT)
            process.deleteLater()

    def _time_out(self) -> None:
        self.close()
        seconds = TIME_LIMIT // 1_000
        problem = tr("{world} is not ready after {seconds} s; it can't be used", world=self._id, seconds=seconds)
        self.refused.emit(self._id, problem)

    def _finish(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        output = bytes(process.readAllStandardOutput().data()).decode(errors="replace")
        self.close()
        try:
            problem = json.loads(output)
        except ValueError:
            problem = tr("{world} ended the process in which it was tested", world=self._id)
        if problem:
            self.refused.emit(self._id, one_line(problem))
        else:
            self.passed.emit(self._id)


def _spec_data(gym_id: str) -> dict[str, Any] | None:
    """Return the environment's spec as JSON data; None if another process can't create the environment from it."""
    import gymnasium  # takes half a second, and is needed only if an id is typed

    spec = gymnasium.spec(gym_id)
    spec_data = {name: getattr(spec, name) for name in ("id", "entry_point", "kwargs", "max_episode_steps")}
    if callable(spec.entry_point):
        entry_point: Any = spec.entry_point
        spec_data["entry_point"] = f"{entry_point.__module__}:{getattr(entry_point, '__qualname__', '<locals>')}"
        is_importable = PathFinder.find_spec(entry_point.__module__.split(".")[0]) is not None
        if not is_importable or "<" in spec_data["entry_point"]:  # defined in a script, a test or a function
            return None
    try:
        json.dumps(spec_data)
    except (TypeError, ValueError):
        return None
    return spec_data


def _environment() -> QProcessEnvironment:
    """Return this process's environment with its import path, and with SDL drawing into memory."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("PYTHONPATH", os.pathsep.join(path or os.curdir for path in sys.path))
    environment.insert("SDL_VIDEODRIVER", "dummy")
    return environment
