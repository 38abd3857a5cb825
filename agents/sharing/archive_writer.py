"""Write a `.palimpsest` file: atomically, and the same bytes for the same content."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from agents.errors import BadInput, reason
from agents.runtime.atomic_write import name_draft
from agents.sharing.archive_limits import LARGEST, MANIFEST, MAX_MEMBERS, Kind, Manifest, max_bytes
from agents.store.sealed_files import Seal, Sealer

_CHUNK = 1 << 20


def pack(path: Path, kind: Kind, members: Mapping[str, bytes | Path]) -> None:
    """Write an archive of `members`, given as contents or as paths of files. Raises `BadInput` if that fails."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        try:
            with zipfile.ZipFile(draft, "w") as archive:
                seals = {name: _add(archive, kind, name, content) for name, content in members.items()}
                manifest = Manifest(kind=kind, files=seals).model_dump_json(indent=1).encode()
                archive.writestr(_info(MANIFEST, zipfile.ZIP_DEFLATED), manifest)
            _check(path, archive.infolist(), draft.stat().st_size)
            name_draft(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, zipfile.LargeZipFile) as error:
        raise BadInput(f"{path}: cannot be written ({reason(error)}); choose another place") from error


def _add(archive: zipfile.ZipFile, kind: Kind, name: str, content: bytes | Path) -> Seal:
    limit, sealer = max_bytes(kind, name), Sealer()
    # weights hardly compress: it would be slow and save a tenth
    packing = zipfile.ZIP_STORED if name.endswith(".safetensors") else zipfile.ZIP_DEFLATED
    with _stream(content) as source, archive.open(_info(name, packing), "w") as target:
        while chunk := source.read(_CHUNK):
            target.write(chunk)
            sealer.update(chunk)
            if sealer.size > limit:
                raise BadInput(
                    f"{name} has more than {limit:,} bytes, too many to share: copy the run's folder instead"
                )
    return sealer.seal()


def _stream(content: bytes | Path) -> IO[bytes]:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def _info(name: str, packing: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # dated 1980 by default, so that equal contents give equal files
    info.compress_type = packing
    info.create_system = 3  # Unix, so that the attributes below mark a plain file
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _check(path: Path, infos: list[zipfile.ZipInfo], packed: int) -> None:
    total = sum(info.file_size for info in infos)
    if max(total, packed) > LARGEST or len(infos) > MAX_MEMBERS:
        raise BadInput(f"{path}: {total:,} bytes in {len(infos):,} files are too many; copy the run's folder instead")
