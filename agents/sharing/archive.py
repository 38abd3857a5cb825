"""Read a `.palimpsest` file: an agent or a run in one zip archive, treated as untrusted input.

Nothing in it is executed, nothing is written but names of a list, and nothing is believed
before its size and SHA-256 are those of the manifest.
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
    MEMBERS,
    MIB,
    MOST_MEMBERS,
    SUFFIX,
    Kind,
    Manifest,
    most_bytes,
)
from agents.store.sealed_files import Seal, Sealer, seal_of

MAGIC = b"PK\x03\x04"
_CHUNK = MIB
_END = struct.Struct("<4s4H2LH")
"""How a zip archive ends: mark, disks, counts, size and place of its list, length of a comment."""
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
"""What reading a spoiled archive may raise."""


_REFUSED: Sequence[tuple[Callable[[zipfile.ZipInfo], bool], str]] = (
    (lambda info: info.orig_filename != info.filename, "has a name that systems read in different ways"),
    (lambda info: bool(info.flag_bits & _ENCRYPTED), "is encrypted"),
    (lambda info: info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), "is packed in an unknown way"),
    (lambda info: stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG), "is a link or a device, not a file"),
    (lambda info: info.file_size > GROWTH * info.compress_size + MIB, "would unpack to far more than it holds"),
)
"""What no member may be."""


class Archive:
    """An archive whose list was checked; what is read of it is checked on the way."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        with _damage_told(path):
            self._infos = _listed(archive.infolist())
            self.manifest = _manifest(self._read(MANIFEST, MIB))
            _check_sizes(self._infos, self.manifest)

    @property
    def kind(self) -> Kind:
        """What it holds."""
        return self.manifest.kind

    @property
    def names(self) -> list[str]:
        """Its members, the manifest left out."""
        return list(self.manifest.files)

    def content(self, name: str) -> bytes:
        """Return a member that was proven whole. Raises `BadInput`."""
        if name not in self.manifest.files:
            raise BadInput(f"{self.path.name}: {name} is missing; ask for the file again")
        with _damage_told(self.path):
            content = self._read(name, self.manifest.files[name].size)
            self._prove(name, seal_of(content))
            return content

    def unpack(self, folder: Path) -> None:
        """Write every member below `folder`, a new one. Raises `BadInput`, and may leave a part."""
        with _damage_told(self.path):
            for name in self.names:
                target = folder / name
                target.parent.mkdir(exist_ok=True)
                sealer = Sealer()
                with target.open("xb") as stream:
                    for chunk in self._chunks(name, self.manifest.files[name].size):
                        stream.write(chunk)
                        sealer.add(chunk)
                self._prove(name, sealer.seal())

    def _read(self, name: str, most: int) -> bytes:
        if name not in self._infos:
            raise ValueError(f"it has no {name}")
        return b"".join(self._chunks(name, most))

    def _chunks(self, name: str, most: int) -> Iterator[bytes]:
        """Unpack piece by piece, and stop at the promised size whatever the list of the archive says."""
        left = most
        with self._archive.open(self._infos[name]) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise ValueError(f"{name} is larger than the {most:,} bytes it may have")
                yield chunk

    def _prove(self, name: str, found: Seal) -> None:
        if found != self.manifest.files[name]:
            raise ValueError(f"{name} is not what was packed: its SHA-256 is another")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an archive for reading. Raises `BadInput` with one line if it can't be trusted."""
    if not is_file(path):
        raise BadInput(f"{path}: there is no such file; check the name")
    with _damage_told(path):
        stream = path.open("rb")
    with stream:
        with _damage_told(path):
            _check_end(stream)
            archive = zipfile.ZipFile(stream)
        with archive:
            yield Archive(path, archive)


def is_archive(path: Path) -> bool:
    """Return whether a file is meant to be an archive of this kind, by its name or its first bytes."""
    if path.suffix.lower() == SUFFIX:
        return True
    if not is_file(path):
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); check who may") from error


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except BadInput:
        raise
    except _DAMAGE as error:
        raise BadInput(f"{path.name}: cannot be opened ({error}); ask for the file again") from error


def _check_end(stream: IO[bytes]) -> None:
    """Look at the archive's end before its list is read, which could be endless."""
    size = stream.seek(0, 2)
    if not _END.size < size <= LARGEST:
        raise ValueError(f"it has {size:,} bytes, and an archive of this kind up to {LARGEST:,}")
    stream.seek(0)
    head = stream.read(len(MAGIC))
    stream.seek(-min(size, _END.size + _ZIP64_LOCATOR), 2)
    tail = stream.read()
    mark, disk, first, here, count, length, start, comment = _END.unpack(tail[-_END.size :])
    if head != MAGIC or mark != b"PK\x05\x06":
        raise ValueError("it is no whole archive")
    is_odd = disk or first or comment or here != count or tail.startswith(b"PK\x06\x07")
    if is_odd or start + length != size - _END.size:
        raise ValueError("its list is not where it should be")
    if count > MOST_MEMBERS or length > MIB:
        raise ValueError(f"it lists {count:,} members; at most {MOST_MEMBERS:,} are read")
    stream.seek(0)


def _listed(infos: Iterable[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name, if each is a plain file in a place of its own."""
    found: dict[str, zipfile.ZipInfo] = {}
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        name = info.filename
        for is_bad, words in _REFUSED:
            if is_bad(info):
                raise ValueError(f"{_shown(name)} {words}")
        if name in found:
            raise ValueError(f"{_shown(name)} is there twice")
        if info.header_offset < end:
            raise ValueError(f"{_shown(name)} lies over another member")
        if name != MANIFEST and not any(most_bytes(kind, name) for kind in MEMBERS):
            raise ValueError(f"{_shown(name)} does not belong into such a file")
        found[name] = info
        end = info.header_offset + _LOCAL_HEADER + len(name) + info.compress_size
    return found


def _manifest(content: bytes) -> Manifest:
    try:
        return Manifest.model_validate(parse(content, largest=MIB))
    except ValidationError as error:
        raise ValueError(f"{MANIFEST}: {explain(error)}") from error


def _check_sizes(infos: Mapping[str, zipfile.ZipInfo], manifest: Manifest) -> None:
    if set(infos) != {*manifest.files, MANIFEST}:
        odd = sorted(set(infos) ^ {*manifest.files, MANIFEST})[0]
        raise ValueError(f"{_shown(odd)} is only in the archive or only in its manifest")
    for name, seal in manifest.files.items():
        most = most_bytes(manifest.kind, name)
        if seal.size > most:
            raise ValueError(f"{name} has {seal.size:,} bytes; at most {most:,} are read")
        if infos[name].file_size != seal.size:
            raise ValueError(f"{name} has two sizes")
    total = sum(seal.size for seal in manifest.files.values())
    if total > LARGEST:
        raise ValueError(f"it unpacks to {total:,} bytes; at most {LARGEST:,} are read")


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else f"{name[:60]}…")
