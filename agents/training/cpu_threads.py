"""The number of processor threads that Torch uses for an agent."""

from __future__ import annotations

import os
from itertools import chain

import psutil
from torch import nn

LARGE = 50_000_000
"""Weights, learned or not, from which on another thread gains more than it costs: a small model is ten times slower."""
VARIABLE = "PALIMPSEST_THREADS"
"""What a person allows; `OMP_NUM_THREADS` says how many a small model is given."""


def threads_for(policy: nn.Module) -> int:
    """Return 1 for a small model, and all that this process may have for a large one.

    To be set in the thread that computes: each has a number of its own.
    """
    weights = sum(tensor.numel() for tensor in chain(policy.parameters(), policy.buffers()))
    return 1 if weights < LARGE else allowed()


def allowed() -> int:
    """Return how many threads this process may compute with: what a person allows, or one for each of its cores."""
    told = os.environ.get(VARIABLE, "")
    if told.isdecimal() and int(told) > 0:
        return int(told)
    affinity = getattr(psutil.Process(), "cpu_affinity", None)  # macOS has none
    return len(affinity()) if affinity is not None else os.cpu_count() or 1
