"""The folder of logs and crash traces. Free of Qt."""

from __future__ import annotations

from pathlib import Path

import platformdirs

LOG, STALLS = "palimpsest.log", "stalls.log"
"""What happened, and where the window stood still."""


def log_folder() -> Path:
    """Return the folder of the log files."""
    return Path(platformdirs.user_log_dir("palimpsest"))
