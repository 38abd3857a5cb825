"""Sealed files: the files of a checkpoint, and a manifest with the size and the SHA-256 of each.

The manifest is written last, so a checkpoint with a manifest is complete; a file is only loaded if it matches its
entry in the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pydantic import Field, ValidationError

from agents.config.error_text import explain
from agents.errors import BadInput
from agents.runtime.atomic_write import DISK, DurableWrite, ensure_folder, write_whole
from agents.runtime.strict_json import parse
from envs.options import Frozen

MANIFEST = "manifest.json"
"""Suffix of a manifest."""
LARGEST_MANIFEST = 1 << 20
_LARGEST = 16 << 30
"""Maximum bytes read of a file."""


class Damaged(ValueError):
    """A file differs from what was written; the message says how."""


class AnotherVersion(BadInput):
    """A checkpoint in a format that this version does not read."""


class Seal(Frozen):
    """Size and digest of a file as it was written."""

    size: int = Field(ge=0)
    """Size in bytes."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Digest of the content."""


class Sealer:
    """Computes the size and SHA-256 digest of content that arrives in pieces."""

    def __init__(self) -> None:
        self._digest, self.size = sha256(), 0

    def update(self, piece: bytes) -> None:
        """Update size and digest with the next piece of the content."""
        self._digest.update(piece)
        self.size += len(piece)

    def seal(self) -> Seal:
        """Return the size and SHA-256 digest of all pieces so far."""
        return Seal(size=self.size, sha256=self._digest.hexdigest())


def seal_of(content: bytes) -> Seal:
    """Return the size and SHA-256 digest of `content`."""
    sealer = Sealer()
    sealer.update(content)
    return sealer.seal()


class Manifest(Frozen):
    """The manifest of a checkpoint: its files and their seals."""

    format: int
    """Version of the files' format."""
    name: str
    """Name of the checkpoint; a manifest in a file of another name is refused."""
    is_lasting: bool = False
    """True if it is never deleted to save space."""
    files: dict[str, Seal]
    """Seals of its files, by suffix, in the order in which they were written."""


class SealedFolder:
    """The checkpoints of one kind in a folder: for each, files `NAME.SUFFIX` and a manifest."""

    def __init__(self, folder: Path, format_: int, largest: Mapping[str, int], disk: DurableWrite = DISK) -> None:
        """Read checkpoints of version `format_`; `largest` is the maximum size in bytes, by suffix."""
        self.folder, self._format, self._largest, self._disk = folder, format_, largest, disk

    def names(self) -> list[str]:
        """Return the names of the checkpoints that have a manifest."""
        paths = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(path.name.removesuffix(f".{MANIFEST}") for path in paths if path.name.endswith(f".{MANIFEST}"))

    def path(self, name: str, suffix: str) -> Path:
        """Return the path of a file."""
        return self.folder / f"{name}.{suffix}"

    def write(self, name: str, contents: Mapping[str, bytes], *, is_lasting: bool = False) -> None:
        """Write a checkpoint: a file for each suffix of `contents`, each atomically, and the manifest last.

        One that `is_lasting` is never deleted to save space. Raises OSError.
        """
        ensure_folder(self.folder)
        seals = {suffix: seal_of(content) for suffix, content in contents.items()}
        manifest = Manifest(format=self._format, name=name, is_lasting=is_lasting, files=seals)
        for suffix, content in contents.items():
            write_whole(self.path(name, suffix), content, self._disk)
        write_whole(self.path(name, MANIFEST), manifest.model_dump_json().encode(), self._disk)

    def manifest(self, name: str) -> Manifest:
        """Return the manifest. Raises Damaged, OSError, or AnotherVersion if the files are of another format."""
        content = self._content(name, MANIFEST, LARGEST_MANIFEST)
        try:
            data = parse(content, largest=LARGEST_MANIFEST)
            version = data.get("format") if isinstance(data, dict) else None
            if isinstance(version, int) and version != self._format:
                formats = f"format {version}, and this one reads {self._format}"
                origin = f"made by another version of the lab ({formats})"
                raise AnotherVersion(f"checkpoint {name} was {origin}; use that version, or start a new run")
            manifest = Manifest.model_validate(data)
        except ValidationError as error:
            raise Damaged(f"{MANIFEST} is not valid: {explain(error)}") from error
        if manifest.name != name:
            raise Damaged("its manifest is that of another checkpoint")
        return manifest

    def read(self, name: str, suffix: str, manifest: Manifest | None = None) -> bytes:
        """Return the content of a file after checking its size and SHA-256 digest against the manifest.

        Raises Damaged if they differ, OSError, or AnotherVersion as `manifest` does. A `manifest` that was read before
        need not be read again.
        """
        seal = (manifest or self.manifest(name)).files.get(suffix)
        if seal is None:
            raise Damaged(f"its manifest lists no {suffix}")
        size = self.path(name, suffix).stat().st_size
        if size != seal.size:
            raise Damaged(f"{suffix} is not what was written: {size:,} bytes instead of {seal.size:,}")
        content = self._content(name, suffix, self._largest.get(suffix, _LARGEST))
        if seal_of(content) != seal:
            raise Damaged(f"{suffix} is not what was written: its SHA-256 differs")
        return content

    def files(self, name: str) -> list[str]:
        """Return the names of all files of a checkpoint, its manifest last. Raises as `manifest` does."""
        return [f"{name}.{suffix}" for suffix in (*self.manifest(name).files, MANIFEST)]

    def copy(self, name: str, target: SealedFolder) -> None:
        """Copy a checkpoint into another folder, unchecked. Raises as `manifest` does."""
        ensure_folder(target.folder)
        for file in self.files(name):
            write_whole(target.folder / file, (self.folder / file).read_bytes(), target._disk)

    def remove(self, name: str, suffixes: Mapping[str, int]) -> None:
        """Delete a checkpoint, the manifest first, so that an interruption leaves no checkpoint."""
        for suffix in (MANIFEST, *suffixes):
            self._disk.remove(self.path(name, suffix))

    def has(self, name: str, contents: Mapping[str, bytes]) -> bool:
        """Return whether checkpoint `name` consists of exactly these contents, according to its manifest."""
        if not self.path(name, MANIFEST).exists():
            return False
        try:
            return self.manifest(name).files == {suffix: seal_of(content) for suffix, content in contents.items()}
        except (OSError, ValueError):
            return False

    def _content(self, name: str, suffix: str, largest: int) -> bytes:
        path = self.path(name, suffix)
        if (size := path.stat().st_size) > largest:
            raise Damaged(f"{path.name} has {size:,} bytes; at most {largest:,} are read")
        return path.read_bytes()
