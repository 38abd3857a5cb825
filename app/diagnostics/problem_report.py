"""The text of a problem report: versions, machine, stalls, log, newest run. Free of Qt.

The user reads it and decides whether to send it. Folders and names that identify the user
are replaced.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
from collections import deque
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

import psutil

from agents.errors import BadInput
from agents.store.run import Run
from agents.store.run_store import RunStore
from app.diagnostics.log_folder import LOG, STALLS, log_folder

PACKAGES = ("palimpsest", "PySide6-Essentials", "pyqtgraph", "torch", "numpy", "gymnasium", "pygame-ce")
MAX_LINES: Mapping[str, int] = {LOG: 80, STALLS: 60, "crashed": 120}
"""Number of last lines that are taken from each file."""
SUMMARY_KEYS = (
    "state",
    "steps",
    "seconds",
    "steps_per_second",
    "tasks",
    "rows",
    "matrix",
    "learned",
    "metrics",
    "faults",
)
"""Keys of a run's summary that the report contains; the run's settings follow in full."""
IMPERSONAL_ACCOUNTS = ("root", "user", "admin", "administrator")
"""Account names that identify nobody, and that occur in the report as ordinary words."""


def problem_report(runs: Path | None = None, logs: Path | None = None, screen: str = "") -> str:
    """Return the report; `screen` is the name of Qt's platform plugin, empty if there is no window."""
    folder = logs or log_folder()
    parts: Mapping[str, Callable[[], str]] = {
        "Versions": versions,
        "Machine": lambda: _machine(screen),
        "Stalls": lambda: _tail(folder / STALLS, MAX_LINES[STALLS]),
        "Last crash": lambda: _last_crash(folder),
        "Log": lambda: _tail(folder / LOG, MAX_LINES[LOG]),
        "Newest run": lambda: _describe_newest_run(RunStore(runs)),
    }
    return anonymise("\n\n".join(f"## {title}\n\n{part() or '(nothing)'}" for title, part in parts.items()) + "\n")


def versions() -> str:
    """Return the versions of Python and of the main packages, one per line."""
    lines = [f"Python {platform.python_version()}, {platform.platform()}"]
    for package in PACKAGES:
        try:
            lines.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{package} –")
    return "\n".join(lines)


def anonymise(text: str) -> str:
    """Replace the user's home folder, account name and machine name in `text`."""
    home = str(Path.home())
    for folder in {home, home.replace("\\", "\\\\"), Path(home).as_posix()} - {"/"}:
        text = re.sub(re.escape(folder) + r"(?![\w-])", "~", text)
    text = re.sub(r"(?i)((?:/home|/Users|[A-Z]:[\\/]+Users)[\\/]+)[^\\/\s\"']+", r"\1…", text)
    for name in _names():
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text)
    return text


def _names() -> set[str]:
    try:
        account = getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        account = ""
    return {name for name in (account, platform.node()) if len(name) > 2 and name.lower() not in IMPERSONAL_ACCOUNTS}


def _machine(screen: str) -> str:
    memory, process = psutil.virtual_memory(), psutil.Process()
    lines = [
        f"{os.cpu_count()} cores, {memory.total / 1e9:.1f} GB of memory, {memory.available / 1e9:.1f} GB of it free",
        f"this process: {process.memory_info().rss / 1e6:.0f} MB, {process.num_threads()} threads",
    ]
    if screen:
        lines.append(f"Qt platform: {screen}")
    return "\n".join(lines)


def _tail(file: Path, lines: int) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return "".join(deque(stream, lines)).rstrip()
    except OSError:
        return ""


def _last_crash(folder: Path) -> str:
    traces = sorted(folder.glob("crashed-*.txt"))
    return f"{traces[-1].name}\n{_tail(traces[-1], MAX_LINES['crashed'])}" if traces else ""


def _describe_newest_run(store: RunStore) -> str:
    try:
        run = max(store, key=lambda run: run.id, default=None)
        return "" if run is None else _describe_run(run)
    except (OSError, ValueError) as error:  # a damaged run may be the reason for the report
        return f"{type(error).__name__}: {error}"


def _describe_run(run: Run) -> str:
    try:
        summary = run.summary() | {"state": run.state}
        summary_text = json.dumps(
            {key: summary.get(key) for key in SUMMARY_KEYS}, indent=1, ensure_ascii=False, default=str
        )
    except (BadInput, ValueError) as error:
        summary_text = f"{type(error).__name__}: {error}"
    return f"{run.id}\n{summary_text}\n\n{_tail(run.folder / 'config.toml', 400)}"
