"""The number of processor threads that Torch uses for an agent."""

from __future__ import annotations

import os
from itertools import chain

import psutil
from torch import nn

LARGE = 50_000_000
"""Number of weights above which several threads pay off; a small model is ten times slower with them."""
VARIABLE = "PALIMPSEST_THREADS"
"""Environment variable with the maximum number of threads for a large model."""


def threads_for(policy: nn.Module) -> int:
    """Return 1 for a small model, and `allowed()` for a large one.

    To be set in the thread that computes, since Torch stores the number for each thread.
    """
    weights = sum(tensor.numel() for tensor in chain(policy.parameters(), policy.buffers()))
    return 1 if weights < LARGE else allowed()


def allowed() -> int:
    """Return the maximum number of threads: that of `VARIABLE`, or one for each core of this process."""
    limit = os.environ.get(VARIABLE, "")
    if limit.isdecimal() and int(limit) > 0:
        return int(limit)
    affinity = getattr(psutil.Process(), "cpu_affinity", None)  # macOS has none
    return len(affinity()) if affinity is not None else os.cpu_count() or 1
