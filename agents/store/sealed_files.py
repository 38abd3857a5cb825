"""Sealed files: beside the files of a checkpoint lies a manifest with the size and the SHA-256 of each.

The manifest is written last, so a checkpoint that can be seen is complete; and a file is believed only while it is,
byte for byte, what its manifest says.
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
"""Bytes that are read of a file, at most."""


class Damaged(ValueError):
    """A file is not what was written; the message says how."""


class AnotherVersion(BadInput):
    """A checkpoint in a format that this version does not read."""


class Seal(Frozen):
    """What a file was when it was written."""

    size: int = Field(ge=0)
    """Bytes."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Digest of its content."""


class Sealer:
    """Makes the seal of a content that comes piece by piece."""

    def __init__(self) -> None:
        self._digest, self.size = sha256(), 0

    def add(self, piece: bytes) -> None:
        """Take in the next piece."""
        self._digest.update(piece)
        self.size += len(piece)

    def seal(self) -> Seal:
        """Return the seal of all pieces so far."""
        return Seal(size=self.size, sha256=self._digest.hexdigest())


def seal_of(content: bytes) -> Seal:
    """Return the seal of a whole content."""
    sealer = Sealer()
    sealer.add(content)
    return sealer.seal()


class Manifest(Frozen):
    """What a checkpoint consists of."""

    format: int
    """Version of what its files hold."""
    name: str
    """What it is called: a manifest under another name is refused."""
    is_lasting: bool = False
    """Whether it is never thinned out."""
    files: dict[str, Seal]
    """Its files, by suffix, in the order in which they were written."""


class SealedFolder:
    """The checkpoints of one kind in a folder: of each, the files `NAME.SUFFIX` and a manifest."""

    def __init__(self, folder: Path, format_: int, largest: Mapping[str, int], disk: DurableWrite = DISK) -> None:
        """Of a file, at most so many bytes are read as `largest` says of its suffix."""
        self.folder, self._format, self._largest, self._disk = folder, format_, largest, disk

    def names(self) -> list[str]:
        """Return what is there, as the names of the manifests tell."""
        paths = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(path.name.removesuffix(f".{MANIFEST}") for path in paths if path.name.endswith(f".{MANIFEST}"))

    def path(self, name: str, suffix: str) -> Path:
        """Return where a file lies."""
        return self.folder / f"{name}.{suffix}"

    def write(self, name: str, contents: Mapping[str, bytes], *, is_lasting: bool = False) -> None:
        """Write contents by suffix, each whole or not at all, and the manifest last. Raises OSError."""
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
            told = parse(content, largest=LARGEST_MANIFEST)
            known = told.get("format") if isinstance(told, dict) else None
            if isinstance(known, int) and known != self._format:
                said = f"made by another version of the lab (format {known}, and this one reads {self._format})"
                raise AnotherVersion(f"checkpoint {name} was {said}; use that version, or begin the run anew")
            manifest = Manifest.model_validate(told)
        except ValidationError as error:
            raise Damaged(f"{MANIFEST} is none of this version: {explain(error)}") from error
        if manifest.name != name:
            raise Damaged("its manifest belongs to another")
        return manifest

    def read(self, name: str, suffix: str, manifest: Manifest | None = None) -> bytes:
        """Return a file that is what was written. Raises Damaged, OSError or AnotherVersion."""
        seal = (manifest or self.manifest(name)).files.get(suffix)
        if seal is None:
            raise Damaged(f"its manifest names no {suffix}")
        size = self.path(name, suffix).stat().st_size
        if size != seal.size:
            raise Damaged(f"{suffix} is not what was written: {size:,} bytes instead of {seal.size:,}")
        content = self._content(name, suffix, self._largest.get(suffix, _LARGEST))
        if seal_of(content) != seal:
            raise Damaged(f"{suffix} is not what was written: its SHA-256 is another")
        return content

    def files(self, name: str) -> list[str]:
        """Return the names of all files of a checkpoint, its manifest last. Raises as `manifest` does."""
        return [f"{name}.{suffix}" for suffix in (*self.manifest(name).files, MANIFEST)]

    def copy(self, name: str, target: SealedFolder) -> None:
        """Copy a checkpoint into another folder, as it is. Raises as `manifest` does."""
        ensure_folder(target.folder)
        for file in self.files(name):
            write_whole(target.folder / file, (self.folder / file).read_bytes(), target._disk)

    def remove(self, name: str, suffixes: Mapping[str, int]) -> None:
        """Remove a checkpoint, the manifest first: what is left is none."""
        for suffix in (MANIFEST, *suffixes):
            self._disk.remove(self.path(name, suffix))

    def has(self, name: str, contents: Mapping[str, bytes]) -> bool:
        """Tell whether the manifest of `name` is that of these very contents."""
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
