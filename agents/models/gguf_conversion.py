"""Convert a GGUF file to a folder of safetensors, once, in a subprocess with a memory limit.

The file may come from anywhere, and its parser was not written against forgers: what it could
do wrong it does in a child with limits of memory and time, and only what it wrote is read here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp

import platformdirs

from agents.models.load_progress import LoadProgress, run_child

MAGIC = b"GGUF"
MIB = 1 << 20
MEMORY, GROWTH = 4 << 30, 16
"""Address space of the child: so many bytes, and so many times the file."""
SECONDS, PER_MIB = 300, 2
"""How long it may take: so many seconds, and so many for each MiB of the file."""


def cache() -> Path:
    """Return the folder of the person's cache in which converted models lie, each under its SHA-256."""
    return platformdirs.user_cache_path("palimpsest", appauthor=False) / "models"


def converting(path: Path) -> Generator[LoadProgress, None, Path]:
    """Return the folder that a GGUF file was turned into; if there is none, make it and say so on the way.

    Raises ValueError with one line.
    """
    try:
        with path.open("rb") as stream:
            is_gguf = stream.read(len(MAGIC)) == MAGIC
            stream.seek(0)
            digest = file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ValueError(f"model.source: {str(path)!r} cannot be read ({error.strerror}); check the path") from error
    if not is_gguf:
        raise ValueError(f"model.source: {str(path)!r} is no GGUF file; get it again")
    folder = cache() / digest
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=".draft-", dir=folder.parent))
        try:
            yield from _convert(path, draft)
            if not folder.is_dir():  # another process may have been faster
                draft.replace(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def _convert(path: Path, draft: Path) -> Generator[LoadProgress]:
    size = path.stat().st_size
    seconds = SECONDS + PER_MIB * size // MIB
    limits = [str(MEMORY + GROWTH * size), str(seconds)]
    command = [sys.executable, "-m", "agents.models.gguf_child", str(path.resolve()), str(draft), *limits]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    try:
        done = yield from run_child(command, environment, seconds, lambda: LoadProgress("converting"))
    except subprocess.TimeoutExpired as error:
        raise ValueError(
            f"model.source: {str(path)!r} took more than {seconds:,} s to read; choose a smaller one"
        ) from error
    if done.code or not (draft / "config.json").is_file():
        said = done.complained.strip().splitlines() or [f"it ended with {done.code}"]
        raise ValueError(
            f"model.source: {str(path)!r} cannot be converted ({said[-1][:200]}); get it again, or choose safetensors"
        )
