"""Read a `.palimpsest` file: an agent or a run in one zip archive, treated as untrusted input.

Nothing in it is executed, only members with known names are written, and no content is used
before its size and SHA-256 match the manifest.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from agents.config.config_file import is_file
from agents.config.error_text import explain
from agents.errors import BadInput
from agents.runtime.strict_json import parse
from agents.sharing.archive_limits import (
    GROWTH,
    LARGEST,
    MANIFEST,
    MAX_MEMBERS,
    MEMBERS,
    MIB,
    SUFFIX,
    Kind,
    Manifest,
    max_bytes,
)
from agents.store.sealed_files import Seal, Sealer, seal_of

MAGIC = b"PK\x03\x04"
_CHUNK = MIB
_END = struct.Struct("<4s4H2LH")
"""The end-of-central-directory record: signature, disk numbers, entry counts, size, offset, comment length."""
_LOCAL_HEADER = 30
_ZIP64_LOCATOR = 20
_ENCRYPTED = 0x41
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)
"""Errors that reading a damaged archive may raise."""


_REFUSED: Sequence[tuple[Callable[[zipfile.ZipInfo], bool], str]] = (
    (lambda info: info.orig_filename != info.filename, "has a name that systems interpret differently"),
    (lambda info: bool(info.flag_bits & _ENCRYPTED), "is encrypted"),
    (
        lambda info: info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
        "has an unknown compression",
    ),
    (lambda info: stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG), "is a link or a device, not a file"),
    (lambda info: info.file_size > GROWTH * info.compress_size + MIB, "would unpack to far more than its packed size"),
)
"""Members that are refused, and why."""


class Archive:
    """An archive whose directory has been checked; contents are checked while they are read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        with _damage_as_bad_input(path):
            self._infos = _listed(archive.infolist())
            self.manifest = _manifest(self._read(MANIFEST, MIB))
            _check_sizes(self._infos, self.manifest)

    @property
    def kind(self) -> Kind:
        """Kind of the content: an agent or a run."""
        return self.manifest.kind

    @property
    def names(self) -> list[str]:
        """Names of the members, without the manifest."""
        return list(self.manifest.files)

    def content(self, name: str) -> bytes:
        """Return the content of a member after checking its size and SHA-256 digest.

        Raises `BadInput` if the member is missing or damaged.
        """
        if name not in self.manifest.files:
            raise BadInput(f"{self.path.name}: {name} is missing; ask for the file again")
        with _damage_as_bad_input(self.path):
            content = self._read(name, self.manifest.files[name].size)
            self._check_seal(name, seal_of(content))
            return content

    def unpack(self, folder: Path) -> None:
        """Write every member into `folder`, which must be new. Raises `BadInput`, and may leave some files."""
        with _damage_as_bad_input(self.path):
            for name in self.names:
                target = folder / name
                target.parent.mkdir(exist_ok=True)
                sealer = Sealer()
                with target.open("xb") as stream:
                    for chunk in self._chunks(name, self.manifest.files[name].size):
                        stream.write(chunk)
                        sealer.update(chunk)
                self._check_seal(name, sealer.seal())

    def _read(self, name: str, limit: int) -> bytes:
        if name not in self._infos:
            raise ValueError(f"it has no {name}")
        return b"".join(self._chunks(name, limit))

    def _chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """Unpack in pieces, and stop at `limit` bytes, since the directory may understate the size."""
        left = limit
        with self._archive.open(self._infos[name]) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise ValueError(f"{name} is larger than the {limit:,} bytes it may have")
                yield chunk

    def _check_seal(self, name: str, found: Seal) -> None:
        if found != self.manifest.files[name]:
            raise ValueError(f"{name} is not what was packed: its SHA-256 differs")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an archive for reading. Raises `BadInput` with one line if it can't be trusted."""
    if not is_file(path):
        raise BadInput(f"{path}: there is no such file; check the name")
    with _damage_as_bad_input(path):
        stream = path.open("rb")
    with stream:
        with _damage_as_bad_input(path):
            _check_end(stream)
            archive = zipfile.ZipFile(stream)
        with archive:
            yield Archive(path, archive)


def is_archive(path: Path) -> bool:
    """Return whether a file is a `.palimpsest` or zip archive, by its suffix or first bytes. Raises `BadInput`."""
    if path.suffix.lower() == SUFFIX:
        return True
    if not is_file(path):
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


@contextmanager
def _damage_as_bad_input(path: Path) -> Iterator[None]:
    try:
        yield
    except BadInput:
        raise
    except _DAMAGE as error:
        raise BadInput(f"{path.name}: cannot be opened ({error}); ask for the file again") from error


def _check_end(stream: IO[bytes]) -> None:
    """Check the archive's end record before `zipfile` reads the directory, whose size is untrusted."""
    size = stream.seek(0, 2)
    if not _END.size < size <= LARGEST:
        raise ValueError(f"it has {size:,} bytes, and an archive of this kind up to {LARGEST:,}")
    stream.seek(0)
    head = stream.read(len(MAGIC))
    stream.seek(-min(size, _END.size + _ZIP64_LOCATOR), 2)
    tail = stream.read()
    signature, disk, first_disk, count_here, count, length, start, comment = _END.unpack(tail[-_END.size :])
    if head != MAGIC or signature != b"PK\x05\x06":
        raise ValueError("it is not a complete archive")
    is_unsupported = disk or first_disk or comment or count_here != count or tail.startswith(b"PK\x06\x07")
    if is_unsupported or start + length != size - _END.size:
        raise ValueError("its directory is not where it should be")
    if count > MAX_MEMBERS or length > MIB:
        raise ValueError(f"it lists {count:,} members; at most {MAX_MEMBERS:,} are read")
    stream.seek(0)


def _listed(infos: Iterable[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name. Raises ValueError unless they are plain, known files that don't overlap."""
    members: dict[str, zipfile.ZipInfo] = {}
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        name = info.filename
        for is_refused, reason in _REFUSED:
            if is_refused(info):
                raise ValueError(f"{_shown(name)} {reason}")
        if name in members:
            raise ValueError(f"{_shown(name)} occurs twice")
        if info.header_offset < end:
            raise ValueError(f"{_shown(name)} overlaps another member")
        if name != MANIFEST and not any(max_bytes(kind, name) for kind in MEMBERS):
            raise ValueError(f"{_shown(name)} does not belong in such a file")
        members[name] = info
        end = info.header_offset + _LOCAL_HEADER + len(name) + info.compress_size
    return members


def _manifest(content: bytes) -> Manifest:
    try:
        return Manifest.model_validate(parse(content, largest=MIB))
    except ValidationError as error:
        raise ValueError(f"{MANIFEST}: {explain(error)}") from error


def _check_sizes(infos: Mapping[str, zipfile.ZipInfo], manifest: Manifest) -> None:
    if set(infos) != {*manifest.files, MANIFEST}:
        unmatched = sorted(set(infos) ^ {*manifest.files, MANIFEST})[0]
        raise ValueError(f"{_shown(unmatched)} is only in the archive or only in its manifest")
    for name, seal in manifest.files.items():
        limit = max_bytes(manifest.kind, name)
        if seal.size > limit:
            raise ValueError(f"{name} has {seal.size:,} bytes; at most {limit:,} are read")
        if infos[name].file_size != seal.size:
            raise ValueError(f"{name} has one size in the archive and another in its manifest")
    total = sum(seal.size for seal in manifest.files.values())
    if total > LARGEST:
        raise ValueError(f"it unpacks to {total:,} bytes; at most {LARGEST:,} are read")


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else f"{name[:60]}…")
