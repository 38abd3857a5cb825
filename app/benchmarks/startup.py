"""How long after launch is the window painted, and how long until the agent takes its first step?

Each launch is a process of its own. A bare window and a bare `import torch` alternate with the lab, so that load on the
machine affects all alike; they are lower bounds for a program with these libraries.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import monotonic

from agents.benchmarks.report.figure import Figure, at_most
from app.benchmarks.screen import find_screen

PAINTED, STEPPED = 1.5, 6.0
"""Maximum seconds after launch."""

BARE_WINDOW = """
import sys, time
import pyqtgraph
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class PaintFilter(QObject):
    painted = False
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not self.painted:
            self.painted = True
            QTimer.singleShot(0, print_time)
        return False

def print_time():
    print("painted", time.monotonic(), file=sys.stderr, flush=True)

application = QApplication([])
window = QMainWindow()
window.setCentralWidget(pyqtgraph.PlotWidget())
paint_filter = PaintFilter()
application.installEventFilter(paint_filter)
window.show()
application.exec()
"""
BARE_TORCH = """
import sys, time
import torch
print("loaded", time.monotonic(), file=sys.stderr, flush=True)
"""

LAUNCHES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "lab": (("-m", "app", "--start"), "stepped"),
    "window": (("-c", BARE_WINDOW), "painted"),
    "torch": (("-c", BARE_TORCH), "loaded"),
}
"""Arguments of Python, and the mark at which the process is killed."""


def measure(repeats: int = 5) -> list[Figure]:
    """Launch the lab, a bare window and a bare Torch in alternation; return the medians."""
    screen = find_screen()
    times: dict[str, list[float]] = defaultdict(list)
    for number in range(repeats + 1):
        for name, (arguments, last) in LAUNCHES.items():
            marks = _launch(arguments, last)
            if number:  # the first round fills the disk cache
                for mark, seconds in marks.items():
                    times[f"{name} {mark}"].append(seconds)
    return _figures({name: median(each) for name, each in times.items()}, f"median of {repeats}, Qt platform {screen}")


def _figures(seconds: Mapping[str, float], source: str) -> list[Figure]:
    painted, stepped = seconds["lab painted"], seconds["lab stepped"]
    window, torch = seconds["window painted"], seconds["torch loaded"]
    source = f"from launch, warm disk, {source}"
    step = at_most("first step with --start", stepped, "s", STEPPED, f"{source}; when the window shows it")
    return [
        at_most("first paint", painted, "s", PAINTED, source).beside(window, "a bare window"),
        step.beside(torch, "a bare torch"),
        Figure("bare window", window, "s", source=f"PySide6 with one pyqtgraph plot; {source}"),
        Figure("bare torch", torch, "s", source=f"python -c 'import torch'; {source}"),
    ]


def _launch(arguments: Sequence[str], last: str) -> dict[str, float]:
    """Return the seconds from launch to each mark that the process prints; kill it at the mark `last`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        names = {"CONFIG": "settings", "RUNS": "runs"}
        folders = {f"PALIMPSEST_{key}": str(Path(folder) / name) for key, name in names.items()}
        environment = {**os.environ, **folders, "PALIMPSEST_STOPWATCH": "1", "OMP_NUM_THREADS": "1"}
        launched = monotonic()
        process = subprocess.Popen([sys.executable, *arguments], env=environment, stderr=subprocess.PIPE, text=True)
        try:
            return _read_marks(process, launched, last)
        finally:
            process.kill()
            process.communicate()


def _read_marks(process: subprocess.Popen[str], launched: float, last: str) -> dict[str, float]:
    assert process.stderr is not None  # a pipe was requested
    marks: dict[str, float] = {}
    lines = []
    for line in process.stderr:
        lines.append(line)
        mark, _, at = line.strip().partition(" ")
        if mark in ("painted", "stepped", "loaded"):
            marks[mark] = float(at) - launched
        if last in marks:
            return marks
    raise RuntimeError(f"it ended before it {last}: {''.join(lines[-3:]).strip()}")
