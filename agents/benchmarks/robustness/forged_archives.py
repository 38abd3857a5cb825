"""Malformed zip archives: wrong sizes, duplicate members, paths outside of the archive."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Mapping

import numpy as np

from agents.benchmarks.robustness.corruption import picked

BOMB = 8 << 20
"""Size of content that compresses to almost nothing."""
Members = dict[str, bytes]


def unpacked(content: bytes) -> Members:
    """Return the members of an intact archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: Mapping[str, bytes], attributes: int = stat.S_IFREG | 0o644) -> bytes:
    """Return an archive of the members in this order, all with the same Unix file attributes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name or "x")
            info.filename, info.create_system, info.external_attr = name, 3, attributes << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def _special_file(content: bytes, rng: np.random.Generator) -> bytes:
    """Mark all members as links, folders, pipes or devices."""
    kinds = (stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR)
    return packed(unpacked(content), picked(kinds, rng) | 0o777)


def _duplicate_member(content: bytes, rng: np.random.Generator) -> bytes:
    """Add a second member with the name of another."""
    members = unpacked(content)
    name = picked(sorted(members), rng)
    buffer = io.BytesIO(content)
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(name, b"another")
    return buffer.getvalue()


def _many_members(content: bytes, rng: np.random.Generator) -> bytes:
    """Add 5,000 members."""
    return packed({**unpacked(content), **{f"checkpoints/step-{number:09d}.json": b"{}" for number in range(5_000)}})


def _bomb(content: bytes, rng: np.random.Generator) -> bytes:
    """Replace a member by one that is much larger unpacked than packed."""
    members = unpacked(content)
    name = picked(sorted(members), rng)
    return packed({**members, name: bytes(BOMB)})


_FIELDS = {8: "<H", 10: "<H", 16: "<L", 20: "<L", 24: "<L", 28: "<H", 30: "<H", 32: "<H", 38: "<L", 42: "<L"}
"""Fields of a central directory entry by offset: flags, method, checksum, sizes, lengths, attributes, offset."""
_END_FIELDS = {4: "<H", 6: "<H", 8: "<H", 10: "<H", 12: "<L", 16: "<L", 20: "<H"}
"""Fields of the end of central directory record by offset."""


def _false_field(content: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite a field of the central directory, or of its end record."""
    if rng.random() < 0.3:
        start, fields = content.rindex(b"PK\x05\x06"), _END_FIELDS
    else:
        starts = [start for start in range(len(content)) if content.startswith(b"PK\x01\x02", start)]
        start, fields = picked(starts, rng), _FIELDS
    field = picked(list(fields), rng)
    size = struct.calcsize(fields[field])
    values = (0, 1, 2**15, 2 ** (8 * size) - 1, int(rng.integers(2 ** (8 * size))))
    forged = bytearray(content)
    struct.pack_into(fields[field], forged, start + field, picked(values, rng))
    return bytes(forged)


def _wrapped(content: bytes, rng: np.random.Generator) -> bytes:
    """Put bytes before or behind the archive, or pack it into another one."""
    variants = (
        b"#!/bin/sh\n" + content,
        content + b"\0" * 100,
        packed({"inner.palimpsest": content}),
        content + content,
    )
    return picked(variants, rng)


def _path_outside(content: bytes, rng: np.random.Generator) -> bytes:
    """Replace member names by paths outside of the folder, of the same length."""
    return content.replace(b"about.json", b"../../json").replace(b"config.toml", b"../../.toml")


FORGERIES = (
    *(_special_file, _duplicate_member, _many_members, _bomb),
    *(_false_field, _false_field, _false_field, _wrapped, _path_outside),
)
"""Forgeries of the archive itself; false fields are three times as likely as each of the others."""
