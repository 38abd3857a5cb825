"""The display and the environment variables of measured processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""Root of the checkout, the working folder of subprocesses."""
_HOMES = ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")


def find_screen() -> str:
    """Return the Qt platform; without a display, select the one that renders into memory."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return os.environ.get("QT_QPA_PLATFORM", "of this desktop")


def isolated_environment(folder: str) -> dict[str, str]:
    """Return environment variables for a subprocess whose user folders are all `folder`."""
    return {**os.environ, **dict.fromkeys(_HOMES, folder), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
