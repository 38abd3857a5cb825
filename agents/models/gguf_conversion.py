"""Convert a GGUF file to a folder of safetensors, once, in a subprocess with a memory limit.

The file may come from anywhere, and its parser is not hardened against malicious files: it runs in a
subprocess with limits of memory and time, and only the files that it wrote are read here.
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
"""Address space of the subprocess: a constant in bytes, plus a multiple of the file's size."""
SECONDS, PER_MIB = 300, 2
"""Time limit: a constant in seconds, plus seconds per MiB of the file."""


def cache() -> Path:
    """Return the user's cache folder of converted models, each in a folder named by the SHA-256 of its file."""
    return platformdirs.user_cache_path("palimpsest", appauthor=False) / "models"


def convert_with_progress(path: Path) -> Generator[LoadProgress, None, Path]:
    """Return the converted folder of a GGUF file, converting it if needed, and yielding the progress.

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
            if not folder.is_dir():  # unless another process was faster
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
        result = yield from run_child(command, environment, seconds, lambda: LoadProgress("converting"))
    except subprocess.TimeoutExpired as error:
        raise ValueError(
            f"model.source: {str(path)!r} took more than {seconds:,} s to read; choose a smaller one"
        ) from error
    if result.code or not (draft / "config.json").is_file():
        lines = result.stderr.strip().splitlines() or [f"it ended with {result.code}"]
        raise ValueError(
            f"model.source: {str(path)!r} cannot be converted ({lines[-1][:200]}); get it again, or choose safetensors"
        )
