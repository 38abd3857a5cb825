"""Malformed zip archives: wrong sizes, duplicate members, paths outside of the archive."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Mapping

from agents.benchmarks.robustness.corruption import Chance, picked

_BOMB = 8 << 20
Members = dict[str, bytes]


def unpacked(content: bytes) -> Members:
    """Return the members of a sound archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: Mapping[str, bytes], attributes: int = stat.S_IFREG | 0o644) -> bytes:
    """Pack members in this order, each with these attributes of Unix."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name or "x")
            info.filename, info.create_system, info.external_attr = name, 3, attributes << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def _linked(content: bytes, rng: Chance) -> bytes:
    kinds = (stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR)
    return packed(unpacked(content), picked(kinds, rng) | 0o777)


def _twice(content: bytes, rng: Chance) -> bytes:
    """Name a member twice, with two contents."""
    members = unpacked(content)
    name = picked(sorted(members), rng)
    buffer = io.BytesIO(content)
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(name, b"another")
    return buffer.getvalue()


def _many(content: bytes, rng: Chance) -> bytes:
    """List more members than anybody needs."""
    return packed({**unpacked(content), **{f"checkpoints/step-{number:09d}.json": b"{}" for number in range(5_000)}})


def _bomb(content: bytes, rng: Chance) -> bytes:
    """Promise little, and unpack to much."""
    members = unpacked(content)
    name = picked(sorted(members), rng)
    return packed({**members, name: bytes(_BOMB)})


_FIELDS = {8: "<H", 10: "<H", 16: "<L", 20: "<L", 24: "<L", 28: "<H", 30: "<H", 32: "<H", 38: "<L", 42: "<L"}
"""Fields of an entry of a zip's list by their place: flags, method, checksum, sizes, lengths, attributes, offset."""
_END_FIELDS = {4: "<H", 6: "<H", 8: "<H", 10: "<H", 12: "<L", 16: "<L", 20: "<H"}


def _lying(content: bytes, rng: Chance) -> bytes:
    """Let the archive's list, or its end, say something else of a member."""
    if rng.random() < 0.3:
        place, fields = content.rindex(b"PK\x05\x06"), _END_FIELDS
    else:
        places = [place for place in range(len(content)) if content.startswith(b"PK\x01\x02", place)]
        place, fields = picked(places, rng), _FIELDS
    field = picked(list(fields), rng)
    size = struct.calcsize(fields[field])
    values = (0, 1, 2**15, 2 ** (8 * size) - 1, int(rng.integers(2 ** (8 * size))))
    spoilt = bytearray(content)
    struct.pack_into(fields[field], spoilt, place + field, picked(values, rng))
    return bytes(spoilt)


def _wrapped(content: bytes, rng: Chance) -> bytes:
    """Put something before it, behind it, or it into another archive."""
    odd = (b"#!/bin/sh\n" + content, content + b"\0" * 100, packed({"inner.palimpsest": content}), content + content)
    return picked(odd, rng)


def _renamed(content: bytes, rng: Chance) -> bytes:
    """Let the list of an archive name another file, as long as the old one, out of the folder."""
    return content.replace(b"about.json", b"../../json").replace(b"config.toml", b"../../.toml")


TRICKS = (_linked, _twice, _many, _bomb, _lying, _lying, _lying, _wrapped, _renamed)
"""What a forger may do to the archive itself."""
