"""`python -m app.proof.tied_process COMMAND...` runs `python -m app COMMAND...`, and ends when its parent does.

The parent holds the other end of its stdin. When that is closed, on purpose or because the parent has ended, the
command ends with every process that it started, and leaves no temporary file. It runs with low priority.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress

import psutil

NICE = 10
POLL = 0.2
"""Seconds between two checks whether the command has ended."""
STOPPED = 130
"""Exit code of an interrupted command."""


def main() -> int:
    """Run the command line in a subprocess, and return its exit code."""
    process = psutil.Process()
    process.nice(getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", NICE))  # Windows has classes instead of numbers
    owner_gone = threading.Event()
    threading.Thread(target=_wait_for_owner, args=(owner_gone,), daemon=True).start()
    folder = tempfile.mkdtemp(prefix="palimpsest-bench-")
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)}
    command = [sys.executable, "-m", "app", *sys.argv[1:]]
    worker = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        while worker.poll() is None:
            if owner_gone.wait(POLL):
                _end_children(process)
                return STOPPED
        return worker.returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_owner(owner_gone: threading.Event) -> None:
    os.read(0, 1)  # the parent writes nothing, so this returns only when the pipe is closed
    owner_gone.set()


def _end_children(process: psutil.Process) -> None:
    """Suspend all descendants, so that they start no further ones, then kill them."""
    suspended: set[psutil.Process] = set()
    while started := set(process.children(recursive=True)) - suspended:
        for child in started:
            with suppress(psutil.NoSuchProcess):
                child.suspend()
        suspended |= started
    for child in suspended:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(suspended, timeout=2)


if __name__ == "__main__":
    sys.exit(main())
