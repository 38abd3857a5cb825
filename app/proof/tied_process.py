"""`python -m app.proof.tied_process COMMAND...` runs `python -m app COMMAND...`, and ends when its parent does.

Whoever holds its stdin holds the leash: when that is closed, by hand or because the other process is gone, the command
ends with every process that it started, and leaves no temporary file. It gives way to everything else on the machine.
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
"""Seconds between two looks at whether the command is done."""
STOPPED = 130
"""Exit code of a command that was interrupted."""


def main() -> int:
    """Have the command line obeyed, and return its exit code."""
    process = psutil.Process()
    process.nice(getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", NICE))  # Windows has classes instead of numbers
    loose = threading.Event()
    threading.Thread(target=_wait_for_owner, args=(loose,), daemon=True).start()
    folder = tempfile.mkdtemp(prefix="palimpsest-bench-")
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)}
    command = [sys.executable, "-m", "app", *sys.argv[1:]]
    worker = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        while worker.poll() is None:
            if loose.wait(POLL):
                _end(process)
                return STOPPED
        return worker.returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_owner(loose: threading.Event) -> None:
    os.read(0, 1)  # nothing is ever written: it returns when the other end is closed
    loose.set()


def _end(process: psutil.Process) -> None:
    """Hold everything that was started still, so that nothing new is, then end it."""
    held: set[psutil.Process] = set()
    while fresh := set(process.children(recursive=True)) - held:
        for child in fresh:
            with suppress(psutil.NoSuchProcess):
                child.suspend()
        held |= fresh
    for child in held:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(held, timeout=2)


if __name__ == "__main__":
    sys.exit(main())
