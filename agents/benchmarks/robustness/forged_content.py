"""Malicious archives: valid zip files with forged manifests, weights or events."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from agents.benchmarks.robustness.corruption import ANY_FILE, DEEP, HUGE, picked
from agents.benchmarks.robustness.forged_archives import BOMB, FORGERIES, Members, packed, unpacked

ABSOLUTE = "/palimpsest-escaped"
OUTSIDE = (
    "../escaped",
    "../../escaped",
    "a/../../escaped",
    ABSOLUTE,
    "..\\escaped",
    "C:\\escaped",
    "~/escaped",
    "a\0b",
)
"""Member names that lead out of the folder, or are invalid."""
_VALUES: tuple[Any, ...] = (
    *(None, -1, 2**70, "x" * HUGE, [], {}, float("nan"), float("inf"), True, "../x", 1e308, [[[]]], 0, 4_096, 24, "1"),
)
_TEXTS = (
    *(b"[" * DEEP, b'{"a":' * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":1,"a":2}'),
    *(b"9" * 5_000, b"1e999", b"NaN", b"\xff\xfe", b"[]", b"null"),
)
_UNEXPECTED = (
    *("nested.zip", "run.sh", "agent.pkl", "lock", "events.sqlite-wal", "Manifest.json", "about.json "),
    *("x" * 60_000, "states/state-1-1.json", "checkpoints/../agent.json", "checkpoints/step-000000001.json"),
)

Rewrite = Callable[[Members, np.random.Generator], None]


def forged(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a forged archive; most forgeries have a manifest with matching sizes and digests."""
    if rng.random() < 0.4:
        return picked(FORGERIES, rng)(content, rng)
    members = unpacked(content)
    picked(REWRITES, rng)(members, rng)
    if rng.random() < 0.9:
        seal(members)
    return packed(members)


def forge_checkpoint(files: Members, rng: np.random.Generator) -> None:
    """Forge a file of a full checkpoint, and update sizes and digests in its manifest."""
    picked((_corrupted_member, _bad_value, _bad_value, _bad_value, _bad_json, _bad_header), rng)(files, rng)
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {name.partition(".")[2]: digest for name, digest in _digests(files).items()}
    files["manifest.json"] = json.dumps(manifest).encode()


def seal(members: Members) -> None:
    """Update sizes and digests in all manifests, first in those of the checkpoints."""
    for name in [name for name in members if name.endswith(".manifest.json")]:
        _seal_checkpoint(members, name)
    manifest = json.loads(members["manifest.json"])
    manifest["files"] = _digests(members)
    members["manifest.json"] = json.dumps(manifest).encode()


def _seal_checkpoint(members: Members, name: str) -> None:
    """Update sizes and digests in the manifest of a checkpoint, unless the manifest itself is unreadable."""
    try:
        manifest = json.loads(members[name])
        parts = {suffix: name.removesuffix("manifest.json") + suffix for suffix in manifest["files"]}
        digests = _digests({suffix: members[part] for suffix, part in parts.items() if part in members})
        manifest["files"].update(digests)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    members[name] = json.dumps(manifest).encode()


def _digests(members: Members) -> dict[str, Any]:
    return {
        name: {"size": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in members.items()
        if name != "manifest.json"
    }


def _random_member(members: Members, rng: np.random.Generator, suffix: str = "") -> str:
    return picked(sorted(name for name in members if name.endswith(suffix) and name != "manifest.json"), rng)


def _corrupted_member(members: Members, rng: np.random.Generator) -> None:
    name = _random_member(members, rng)
    members[name] = picked(ANY_FILE, rng)(members[name] or b"\0", rng)


def _bad_value(members: Members, rng: np.random.Generator) -> None:
    """Replace a random value in a JSON file, at any depth."""
    name = _random_member(members, rng, ".json")
    tree = json.loads(members[name])
    node = tree
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = picked(keys, rng)
        if not (isinstance(node[key], dict | list) and node[key] and rng.random() < 0.7):
            break
        node = node[key]
    node[key] = picked(_VALUES, rng)
    members[name] = json.dumps(tree).encode()


def _bad_json(members: Members, rng: np.random.Generator) -> None:
    members[_random_member(members, rng, ".json")] = picked(_TEXTS, rng)


def _bad_header(members: Members, rng: np.random.Generator) -> None:
    """Forge shape, dtype, offsets or length in the header of a safetensors file."""
    name = _random_member(members, rng, ".safetensors")
    content = members[name]
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    key = picked(sorted(header), rng)
    changes: tuple[dict[str, Any], ...] = (
        {"shape": [2**40, 2**40]},
        {"shape": [-1]},
        {"dtype": "F64"},
        {"dtype": "PICKLE"},
        {"data_offsets": [0, 2**62]},
        {"data_offsets": [8, 4]},
        {"shape": []},
    )
    header[key] = {**header[key], **picked(changes, rng)}
    written = json.dumps(header).encode()
    lengths = (len(written), 2**63, 0, len(written) + 10**6)
    stated = lengths[0] if rng.random() < 0.7 else picked(lengths, rng)
    members[name] = struct.pack("<Q", stated) + written + content[8 + length :]


def _not_finite(members: Members, rng: np.random.Generator) -> None:
    name = _random_member(members, rng, ".safetensors")
    members[name] = members[name][:-4] + struct.pack("<f", float(rng.choice([np.nan, np.inf, -np.inf])))


def _outside(members: Members, rng: np.random.Generator) -> None:
    members[picked(OUTSIDE, rng)] = b"escaped"


def _unexpected_member(members: Members, rng: np.random.Generator) -> None:
    members[picked(_UNEXPECTED, rng)] = b"PK\x03\x04"


def _missing(members: Members, rng: np.random.Generator) -> None:
    del members[_random_member(members, rng)]


def _database(members: Members, rng: np.random.Generator) -> None:
    """Execute one of `STATEMENTS` on the database of a run's events."""
    if "events.sqlite" not in members:
        return _corrupted_member(members, rng)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.sqlite"
        path.write_bytes(members["events.sqlite"])
        with closing(sqlite3.connect(path)) as database:
            statement = picked(STATEMENTS, rng)
            database.execute(statement, (_compressed_zeros(),) if "?" in statement else ())
            database.commit()
        members["events.sqlite"] = path.read_bytes()
    return None


STATEMENTS = (
    "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END",
    "CREATE VIEW v AS SELECT load_extension('evil') FROM events",
    "CREATE TABLE more (x)",
    "CREATE INDEX i ON events (step + abs(seq))",
    "ALTER TABLE events ADD COLUMN x GENERATED ALWAYS AS (step * 2) VIRTUAL",
    "DROP TABLE episodes",
    "UPDATE events SET body = '[]'",
    "UPDATE events SET body = '{'",
    "UPDATE events SET body = NULL",
    'UPDATE events SET body = \'{"step": "x"}\'',
    "UPDATE events SET step = 'x'",
    "UPDATE events SET step = -5",
    "UPDATE events SET step = 9223372036854775807",
    'UPDATE events SET kind = \'StageFinished\', body = \'{"index": 99, "reason": "budget"}\'',
    'UPDATE events SET kind = \'Evaluated\', body = \'{"index": 0, "scores": "abc", "final": 1}\'',
    "UPDATE events SET kind = 'MemoryChanged', body = '{\"added\": 5}'",
    'UPDATE events SET kind = \'Fault\', body = \'{"index": 0, "message": "{x.__class__}"}\'',
    "UPDATE events SET kind = 'Nothing'",
    "UPDATE events SET seq = seq + 1000000",
    "UPDATE events SET body = ?",
    "UPDATE episodes SET task_id = 9999999999",
    "UPDATE episodes SET \"index\" = 'x'",
    "UPDATE episodes SET score = 'x'",
    "PRAGMA user_version = 7",
    "PRAGMA writable_schema = ON",
)
"""SQL that forges the events of a run; each forged archive gets one of them."""


@cache
def _compressed_zeros() -> bytes:
    return zlib.compress(bytes(8 * BOMB))


REWRITES: tuple[Rewrite, ...] = (
    _corrupted_member,
    _bad_value,
    _bad_json,
    _bad_header,
    _not_finite,
    _outside,
    _unexpected_member,
    _missing,
    _database,
)
"""Forgeries of the members of an archive."""
