"""How soon after launch can the window be seen, and how soon does the agent take its first step?

Each launch is a process of its own. A bare window and a bare `import torch` take turns with
the lab, so that a busy machine is busy for all of them, and say what no program of this kind can save.
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
"""Seconds after launch."""

BARE_WINDOW = """
import sys, time
import pyqtgraph
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Eye(QObject):
    seen = False
    def eventFilter(self, thing, event):
        if event.type() == QEvent.Type.Paint and not self.seen:
            self.seen = True
            QTimer.singleShot(0, tell)
        return False

def tell():
    print("painted", time.monotonic(), file=sys.stderr, flush=True)

application = QApplication([])
window = QMainWindow()
window.setCentralWidget(pyqtgraph.PlotWidget())
eye = Eye()
application.installEventFilter(eye)
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
"""What Python is given, and the mark after which nothing more is awaited."""


def measure(repeats: int = 5) -> list[Figure]:
    """Launch the lab, a bare window and a bare Torch in turns; report the medians."""
    screen = find_screen()
    times: dict[str, list[float]] = defaultdict(list)
    for number in range(repeats + 1):
        for name, (words, last) in LAUNCHES.items():
            marks = _launch(words, last)
            if number:  # the first round warms the disk's cache
                for mark, seconds in marks.items():
                    times[f"{name} {mark}"].append(seconds)
    return _figures({name: median(each) for name, each in times.items()}, f"median of {repeats}, Qt platform {screen}")


def _figures(seconds: Mapping[str, float], source: str) -> list[Figure]:
    painted, stepped = seconds["lab painted"], seconds["lab stepped"]
    about = f"from launch, warm disk, {source}"
    shown = f"{about}; when the window shows it"
    return [
        at_most("first paint", painted, "s", PAINTED, about).beside(seconds["window painted"], "a bare window"),
        at_most("first step with --start", stepped, "s", STEPPED, shown).beside(
            seconds["torch loaded"], "a bare torch"
        ),
        Figure("bare window", seconds["window painted"], "s", source=f"PySide6 with one pyqtgraph plot; {about}"),
        Figure("bare torch", seconds["torch loaded"], "s", source=f"python -c 'import torch'; {about}"),
    ]


def _launch(words: Sequence[str], last: str) -> dict[str, float]:
    """Return the seconds from launch to each mark that a process tells; end it at the `last` one."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        own = {"CONFIG": "settings", "RUNS": "runs"}
        places = {f"PALIMPSEST_{name}": str(Path(folder) / place) for name, place in own.items()}
        environment = {**os.environ, **places, "PALIMPSEST_STOPWATCH": "1", "OMP_NUM_THREADS": "1"}
        launched = monotonic()
        process = subprocess.Popen([sys.executable, *words], env=environment, stderr=subprocess.PIPE, text=True)
        try:
            return _listen(process, launched, last)
        finally:
            process.kill()
            process.communicate()


def _listen(process: subprocess.Popen[str], launched: float, last: str) -> dict[str, float]:
    assert process.stderr is not None  # it is a pipe
    marks: dict[str, float] = {}
    heard = []
    for line in process.stderr:
        heard.append(line)
        mark, _, at = line.strip().partition(" ")
        if mark in ("painted", "stepped", "loaded"):
            marks[mark] = float(at) - launched
        if last in marks:
            return marks
    raise RuntimeError(f"it ended before it {last}: {''.join(heard[-3:]).strip()}")
