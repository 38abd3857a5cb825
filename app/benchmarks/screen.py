"""The display on which windows are measured."""

from __future__ import annotations

import os
import sys


def find_screen() -> str:
    """Return the Qt platform to be used; without a screen, windows are drawn into memory."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return os.environ.get("QT_QPA_PLATFORM", "of this desktop")
