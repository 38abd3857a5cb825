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
"""Maximum bytes of an archive, packed and unpacked; larger ones would need Zip64."""
GROWTH = 100
"""Maximum ratio of unpacked to packed size of a member, beyond its first mebibyte."""
MAX_MEMBERS = 4_096
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
"""Patterns of the member names of each kind, and the maximum bytes of each."""


class Manifest(Frozen):
    """The manifest of an archive."""

    format: Literal[1] = 1
    """Version of this layout."""
    kind: Kind
    """Kind of the content."""
    files: dict[str, Seal]
    """Seals of all other members, by name."""


def max_bytes(kind: Kind, name: str) -> int:
    """Return the maximum bytes of a member of this name; 0 if the kind has no such member."""
    return next((limit for pattern, limit in MEMBERS[kind].items() if re.fullmatch(pattern, name, re.ASCII)), 0)
