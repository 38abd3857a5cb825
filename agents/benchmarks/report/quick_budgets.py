"""Arguments that `--quick` passes to benchmarks without a `quick` parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SMALL: Mapping[str, Mapping[str, Any]] = {
    "goto": {"seeds": 1},
    "throughput": {"rounds": 1, "worlds": 4},
    "device": {"rounds": 1, "worlds": 4},
    "scoring": {"rounds": 2},
    "pretrained": {"steps": 256},
    "start": {"seeds": 1, "steps": 6_144},
    "tabular": {"seeds": 1},
    "cartpole": {"seeds": 1, "steps": 5_000},
    "coverage": {"samples": 200, "control_samples": 40},
    "controls": {"episodes": 4},
    "knowledge": {"seeds": 1, "steps": 4_096, "entries": 2_000},
    "instructions": {"seeds": 1, "steps": 4_096},
    "resume": {"points": 1},
    "kill": {"kills": 2},
    "fuzz": {"files": 300, "checkpoints": 40},
    "window": {"idle": 1.0},
    "respond": {"rounds": 1},
    "open": {"events": 4_000, "seeks": 3},
    "startup": {"repeats": 1},
    "soak": {"minutes": 0.5, "cycles": 2},
    "monkey": {"seeds": 1, "events": 100},
    "guests": {"worlds": 10, "models": 10, "controls": 2, "patience": 6},
}
