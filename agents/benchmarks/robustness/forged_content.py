"""Malicious archives: valid zip files with a forged manifest, weights or events."""

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

from agents.benchmarks.robustness.corruption import PLAIN, Chance, picked
from agents.benchmarks.robustness.forged_archives import TRICKS, Members, packed, unpacked

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
"""Names that lead out of a folder, or nowhere."""
_BOMB = 8 << 20
_DEEP = 20_000
_HUGE = 200_000
_VALUES: tuple[Any, ...] = (
    *(None, -1, 2**70, "x" * _HUGE, [], {}, float("nan"), float("inf"), True, "../x", 1e308, [[[]]], 0, 4_096, 24, "1"),
)
_TEXTS = (
    *(b"[" * _DEEP, b'{"a":' * _DEEP, b"[" * _DEEP + b"]" * _DEEP, b'{"a":1,"a":2}'),
    *(b"9" * 5_000, b"1e999", b"NaN", b"\xff\xfe", b"[]", b"null"),
)
_STRANGERS = (
    *("nested.zip", "run.sh", "agent.pkl", "lock", "events.sqlite-wal", "Manifest.json", "about.json "),
    *("x" * 60_000, "states/state-1-1.json", "checkpoints/../agent.json", "checkpoints/step-000000001.json"),
)

Rewrite = Callable[[Members, Chance], None]


def forged(content: bytes, rng: Chance) -> bytes:
    """Return an archive that was changed in one of many ways, mostly with a manifest that fits."""
    if rng.random() < 0.4:
        return picked(TRICKS, rng)(content, rng)
    members = unpacked(content)
    picked(REWRITES, rng)(members, rng)
    if rng.random() < 0.9:
        seal(members)
    return packed(members)


def rewrite_save(files: Members, rng: Chance) -> None:
    """Change a full checkpoint, and its manifest so that sizes, digests, names and shapes fit."""
    picked((_inside, _odd_json, _odd_json, _odd_json, _deep_json, _odd_header), rng)(files, rng)
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {name.partition(".")[2]: sealed for name, sealed in _seals(files).items()}
    files["manifest.json"] = json.dumps(manifest).encode()


def seal(members: Members) -> None:
    """Write sizes and digests into the manifests, those of the checkpoints first, as a forger would."""
    for name in [name for name in members if name.endswith(".manifest.json")]:
        _seal_checkpoint(members, name)
    manifest = json.loads(members["manifest.json"])
    manifest["files"] = _seals(members)
    members["manifest.json"] = json.dumps(manifest).encode()


def _seal_checkpoint(members: Members, name: str) -> None:
    """Write into the manifest of a checkpoint what its files are now, unless it was itself made unreadable."""
    try:
        manifest = json.loads(members[name])
        parts = {suffix: name.removesuffix("manifest.json") + suffix for suffix in manifest["files"]}
        seals = _seals({suffix: members[part] for suffix, part in parts.items() if part in members})
        manifest["files"].update(seals)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    members[name] = json.dumps(manifest).encode()


def _seals(members: Members) -> dict[str, Any]:
    return {
        name: {"size": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in members.items()
        if name != "manifest.json"
    }


def _some(members: Members, rng: Chance, suffix: str = "") -> str:
    return picked(sorted(name for name in members if name.endswith(suffix) and name != "manifest.json"), rng)


def _inside(members: Members, rng: Chance) -> None:
    name = _some(members, rng)
    members[name] = picked(PLAIN, rng)(members[name] or b"\0", rng)


def _odd_json(members: Members, rng: Chance) -> None:
    name = _some(members, rng, ".json")
    tree = json.loads(members[name])
    table = tree
    while True:
        keys = list(table) if isinstance(table, dict) else list(range(len(table)))
        key = picked(keys, rng)
        if isinstance(table[key], dict | list) and table[key] and rng.random() < 0.7:
            table = table[key]
            continue
        break
    table[key] = picked(_VALUES, rng)
    members[name] = json.dumps(tree).encode()


def _deep_json(members: Members, rng: Chance) -> None:
    members[_some(members, rng, ".json")] = picked(_TEXTS, rng)


def _odd_header(members: Members, rng: Chance) -> None:
    """Let the header of weights promise something else."""
    name = _some(members, rng, ".safetensors")
    content = members[name]
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    key = picked(sorted(header), rng)
    odd: tuple[dict[str, Any], ...] = (
        {"shape": [2**40, 2**40]},
        {"shape": [-1]},
        {"dtype": "F64"},
        {"dtype": "PICKLE"},
        {"data_offsets": [0, 2**62]},
        {"data_offsets": [8, 4]},
        {"shape": []},
    )
    header[key] = {**header[key], **picked(odd, rng)}
    written = json.dumps(header).encode()
    lengths = (len(written), 2**63, 0, len(written) + 10**6)
    told = lengths[0] if rng.random() < 0.7 else picked(lengths, rng)
    members[name] = struct.pack("<Q", told) + written + content[8 + length :]


def _not_finite(members: Members, rng: Chance) -> None:
    name = _some(members, rng, ".safetensors")
    members[name] = members[name][:-4] + struct.pack("<f", float(rng.choice([np.nan, np.inf, -np.inf])))


def _outside(members: Members, rng: Chance) -> None:
    members[picked(OUTSIDE, rng)] = b"escaped"


def _stranger(members: Members, rng: Chance) -> None:
    members[picked(_STRANGERS, rng)] = b"PK\x03\x04"


def _missing(members: Members, rng: Chance) -> None:
    del members[_some(members, rng)]


def _database(members: Members, rng: Chance) -> None:
    """Put into a run's events what a database can be made to do."""
    if "events.sqlite" not in members:
        return _inside(members, rng)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.sqlite"
        path.write_bytes(members["events.sqlite"])
        with closing(sqlite3.connect(path)) as database:
            statement = picked(STATEMENTS, rng)
            database.execute(statement, (_squeezed(),) if "?" in statement else ())
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
"""What is done to a run's events, one at a time."""


@cache
def _squeezed() -> bytes:
    return zlib.compress(bytes(8 * _BOMB))


REWRITES: tuple[Rewrite, ...] = (
    _inside,
    _odd_json,
    _deep_json,
    _odd_header,
    _not_finite,
    _outside,
    _stranger,
    _missing,
    _database,
)
"""What a forger may do to the members of an archive."""
