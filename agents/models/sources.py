"""Resolve a model's source to a folder: a folder, a GGUF file, or the Hugging Face hub."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Generator
from hashlib import sha256
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.constants import HF_HUB_CACHE
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError
from huggingface_hub.file_download import repo_folder_name

from agents.config.agent import PretrainedConfig
from agents.models.gguf_conversion import convert_with_progress
from agents.models.load_progress import LoadProgress, run_child
from agents.models.model_folder import stored_model
from agents.models.safetensors_header import INDEX
from agents.runtime.iteration import drain

DOWNLOADED = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja")
"""Files to download of a model: no pickled weights and no code, which could be malicious."""
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
TOKENISERS = ("tokenizer.json", "*.model", "vocab.*", "merges.txt", "*.tiktoken", "tekken.json")
"""Files of tokenisers; a model needs at least one of them."""
TIMEOUT = 24 * 3_600
"""Maximum seconds of a download."""
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_BLOCK, _BLOCKS = 1 << 16, 64
"""Size and number of the evenly spaced blocks of a weights file that its fingerprint depends on."""


class NotHere(ValueError):
    """The source looks like a hub name, but the model is not on this machine."""


def located(config: PretrainedConfig) -> Path:
    """Return the folder with the model's settings, tokeniser and safetensors. Raises ValueError with one line."""
    return drain(locate_with_progress(config))


def locate_with_progress(config: PretrainedConfig) -> Generator[LoadProgress, None, Path]:
    """Return what `located` returns, and yield the progress; closing the generator cancels download or conversion."""
    source = config.source
    if not source:
        raise ValueError("model.source: is empty; name a folder, a .gguf file or a model of the Hugging Face hub")
    path = Path(source).expanduser()
    if path.suffix.lower() == ".gguf":
        return (yield from convert_with_progress(path))
    folder = path if path.is_dir() else (yield from _download_with_progress(source, download=config.download))
    _check(folder, source)
    return folder


def fingerprint(folder: Path) -> str:
    """Return a SHA-256 of a model's file sizes, settings, templates and samples of its weights."""
    digest = sha256()
    patterns = ("*.json", "*.safetensors", "*.jinja", "additional_chat_templates/*.jinja")
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size};".encode())
        with path.open("rb") as stream:
            step = max(size // _BLOCKS, _BLOCK) if path.suffix == ".safetensors" else _BLOCK
            for start in range(0, size, step):
                stream.seek(start)
                digest.update(stream.read(_BLOCK))
    return digest.hexdigest()


def _download_with_progress(source: str, *, download: bool) -> Generator[LoadProgress, None, Path]:
    """Return a model's folder in the hub's cache, downloading it if it is missing and `download` is set."""
    try:
        return on_the_hub(source, download=False)
    except NotHere:
        if not download:
            raise
    folder = Path(HF_HUB_CACHE) / repo_folder_name(repo_id=source, repo_type="model")
    bytes_before = _bytes_below(folder)
    command = [sys.executable, "-m", "agents.models.hub_child", source]
    environment = {**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    result = yield from run_child(
        command, environment, TIMEOUT, lambda: LoadProgress("fetching", max(_bytes_below(folder) - bytes_before, 0))
    )
    answer = json.loads((result.stdout.strip().splitlines() or ["{}"])[-1])
    if "folder" not in answer:
        reason = (result.stderr.strip().splitlines() or [f"it ended with {result.code}"])[-1][:200]
        raise ValueError(answer.get("error", f"model.source: {source!r} cannot be fetched ({reason}); try again later"))
    return Path(answer["folder"])


def _bytes_below(folder: Path) -> int:
    """Return the bytes of a model in the hub's cache, including unfinished files."""
    try:
        return sum(path.stat().st_size for path in (folder / "blobs").iterdir())
    except OSError:  # the download has not begun, or a file was just renamed
        return 0


def on_the_hub(source: str, *, download: bool) -> Path:
    """Return the folder of a model in the hub's cache. Raises ValueError with one line, `NotHere` if there is none."""
    if not _HUB_NAME.fullmatch(source):
        raise ValueError(f"model.source: there is no folder {source!r}; check the path")
    try:
        return Path(snapshot_download(source, local_files_only=not download, allow_patterns=list(DOWNLOADED)))
    except LocalEntryNotFoundError as error:
        remedy = "check the network" if download else "check the path, or set model.download = true"
        raise NotHere(f"model.source: {source!r} is neither a folder nor on this machine; {remedy}") from error
    except GatedRepoError as error:
        raise ValueError(
            f"model.source: {source!r} is gated; accept its terms on huggingface.co and log in with `hf auth login`"
        ) from error
    except RepositoryNotFoundError as error:
        raise ValueError(f"model.source: the hub has no model {source!r}; check the name") from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise ValueError(f"model.source: {source!r} cannot be fetched ({reason}); try again later") from error


def _check(folder: Path, source: str) -> None:
    """Raise ValueError, in one line, if files of a model are missing or damaged."""
    if not (folder / "config.json").is_file():
        raise ValueError(f"model.source: {source!r} has no config.json; name the folder of a transformers model")
    if not any(folder.glob("*.safetensors")) and not (folder / INDEX).is_file():
        if any(path for pattern in PICKLED for path in folder.glob(pattern)):
            raise ValueError(
                f"model.source: {source!r} holds its weights as pickle, which could run code; convert it to safetensors"
            )
        raise ValueError(f"model.source: {source!r} has no *.safetensors; name a folder that holds the weights, too")
    try:
        stored_model(folder)
    except (ValueError, OSError) as error:
        raise ValueError(f"model.source: {source!r} {error}") from error
    if not any(path for pattern in TOKENISERS for path in folder.glob(pattern)):
        raise ValueError(
            f"model.source: {source!r} has no tokeniser, such as {TOKENISERS[0]}; get the model again, whole"
        )
