"""Limits on the members and sizes of a `.palimpsest` file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from agents.store.sealed_files import LARGEST_MANIFEST, Seal
from envs.options import Frozen

Kind = Literal["agent", "run"]
SUFFIX = ".palimpsest"
MANIFEST = "manifest.json"
MIB, GIB = 1 << 20, 1 << 30
LARGEST = 4 * GIB - 1
"""Bytes of a file, and of all that is in it; what is larger would need another kind of zip."""
GROWTH = 100
"""A member may unpack to so many times its packed size, and a mebibyte."""
MOST_MEMBERS = 4_096
MEMBERS: Mapping[Kind, Mapping[str, int]] = {
    "agent": {r"about\.json": 4 * MIB, r"agent\.safetensors": 2 * GIB},
    "run": {
        r"config\.toml": 1_000_000,
        r"meta\.json": MIB,
        r"events\.sqlite": 2 * GIB,
        r"agent\.json": 4 * MIB,
        r"agent\.safetensors": 2 * GIB,
        r"checkpoints/step-\d{9,18}\.json": 4 * MIB,
        r"checkpoints/step-\d{9,18}\.task_weights\.json": MIB,
        r"checkpoints/step-\d{9,18}\.manifest\.json": LARGEST_MANIFEST,
        r"checkpoints/step-\d{9,18}\.safetensors": 2 * GIB,
        r"checkpoints/task-weights-[0-9a-f]{64}\.safetensors": 2 * GIB,
        r"states/state-\d{9,18}-\d{9,18}\.manifest\.json": LARGEST_MANIFEST,
        r"states/state-\d{9,18}-\d{9,18}\.json": GIB,
        r"states/state-\d{9,18}-\d{9,18}\.safetensors": 2 * GIB,
    },
}
"""The names that each kind may hold, as patterns, and the most bytes of each."""


class Manifest(Frozen):
    """What an archive says that it holds."""

    format: Literal[1] = 1
    """Version of this layout."""
    kind: Kind
    """What it is."""
    files: dict[str, Seal]
    """Every other member."""


def most_bytes(kind: Kind, name: str) -> int:
    """Return how large a member of this name may be; 0 if the kind has none."""
    return next((most for pattern, most in MEMBERS[kind].items() if re.fullmatch(pattern, name, re.ASCII)), 0)
