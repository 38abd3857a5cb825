"""Where the lab writes down what happened to it. Free of Qt, for the command line reads it, too."""

from __future__ import annotations

from pathlib import Path

import platformdirs

LOG, STALLS = "palimpsest.log", "stalls.log"
"""What happened, and where the window stood still."""


def log_folder() -> Path:
    """Return the folder of the log files."""
    return Path(platformdirs.user_log_dir("palimpsest"))
