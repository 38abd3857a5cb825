"""Progress lines of a benchmark, on stderr, beside the results on stdout."""

from __future__ import annotations

import sys


def print_progress(line: str) -> None:
    """Print a line to stderr at once, also into a pipe."""
    print(line, file=sys.stderr, flush=True)
