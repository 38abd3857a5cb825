"""Folders of killed imports are deleted, those of running imports are not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.store.folders import incoming, sweep

ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal, sys
from pathlib import Path
from agents.store.folders import incoming
with incoming(Path(sys.argv[1])) as folder:
    (folder / "arrived").mkdir()
    (folder / "arrived" / "events.sqlite").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def aged(folder):
    """Set the modification time of `folder` to an hour ago."""
    os.utime(folder, (time.time() - 3_600,) * 2)
    return folder


def hidden(root):
    return list(root.glob(".incoming-*"))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows kills otherwise")
def test_a_killed_import_is_swept_once_it_is_old(tmp_path):
    subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=ROOT, check=False)
    (left,) = hidden(tmp_path)
    sweep(tmp_path)
    assert hidden(tmp_path) == [left], "its lock may be about to be made"
    aged(left)
    sweep(tmp_path)
    assert hidden(tmp_path) == []


def test_the_folder_of_a_running_import_stays_however_old_it_is(tmp_path):
    with incoming(tmp_path) as folder:
        (folder / "arrived").mkdir()
        aged(folder)
        sweep(tmp_path)
        assert (folder / "arrived").is_dir()
    assert hidden(tmp_path) == []


def test_the_next_import_sweeps_first(tmp_path):
    left = tmp_path / ".incoming-before"
    left.mkdir()
    aged(left)
    with incoming(tmp_path) as folder:
        assert hidden(tmp_path) == [folder]


def test_nothing_else_is_swept(tmp_path):
    for name in ("20261122-000000-run", ".trash", "incoming-mine"):
        aged_folder = tmp_path / name
        aged_folder.mkdir()
        aged(aged_folder)
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    sweep(tmp_path / "nowhere")
