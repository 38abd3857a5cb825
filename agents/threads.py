"""How many threads of a processor an agent computes with."""

from __future__ import annotations

import os
from itertools import chain

import psutil
from torch import nn

LARGE = 50_000_000
"""Weights, learned or not, from which on another thread gains more than it costs: a small model is ten times slower."""


def threads_for(policy: nn.Module) -> int:
    """Return 1 for a small model, and all that this process may have for a large one.

    To be set in the thread that computes: each has a number of its own.
    """
    weights = sum(tensor.numel() for tensor in chain(policy.parameters(), policy.buffers()))
    return 1 if weights < LARGE else allowed()


def allowed() -> int:
    """Return how many threads this process may compute with: `OMP_NUM_THREADS`, or a thread for each of its cores."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdecimal() and int(told) > 0:
        return int(told)
    affinity = getattr(psutil.Process(), "cpu_affinity", None)  # macOS has none
    return len(affinity()) if affinity is not None else os.cpu_count() or 1
