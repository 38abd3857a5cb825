import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.process.display_check import incompatibility, library_remedy

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("version", "python", "is_compatible"),
    [("6.12.0", (3, 11), False), ("6.12.0", (3, 12), True), ("6.11.3", (3, 11), True), ("6.13.1", (3, 13), True)],
)
def test_a_qt_that_crashes_on_this_python_is_refused(version, python, is_compatible):
    assert (incompatibility(version, python) is None) == is_compatible


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("libxcb-cursor.so.0: cannot open shared object file: No such file", "sudo apt-get install libxcb-cursor0"),
        ("libEGL.so.1: cannot open shared object file: No such file", "sudo apt-get install libegl1"),
        ("libother.so.3: cannot open shared object file", "install the package that has libother.so"),
        ("undefined symbol: qt_x", "reinstall PySide6-Essentials"),
    ],
)
def test_a_missing_library_is_named_with_its_package(message, remedy):
    line = library_remedy(message)
    assert remedy in line
    assert "palimpsest run demo" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("environment", "line"),
    [({}, "there is no display (DISPLAY is not set)"), ({"DISPLAY": ":987"}, "the display ':987' does not answer")],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_the_window_is_refused_in_one_line(environment, line):
    bare = {
        key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [sys.executable, "-m", "app"], cwd=ROOT, env=bare | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"palimpsest: {line}")
    assert done.stderr.count("\n") == 1
