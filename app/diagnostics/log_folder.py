"""The folder of logs and crash traces. Free of Qt."""

from __future__ import annotations

from pathlib import Path

import platformdirs

LOG, STALLS = "palimpsest.log", "stalls.log"
"""File names of the general log and of the log of window stalls."""


def log_folder() -> Path:
    """Return the folder of the log files."""
    return Path(platformdirs.user_log_dir("palimpsest"))
