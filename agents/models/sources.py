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
from agents.models.gguf_conversion import converting
from agents.models.load_progress import LoadProgress, run_child
from agents.models.model_folder import stored_model
from agents.models.safetensors_header import INDEX
from agents.runtime.iteration import drain

NEEDED = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja")
"""What is fetched of a model: no weights that could run code, and no code."""
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
TOKENISERS = ("tokenizer.json", "*.model", "vocab.*", "merges.txt", "*.tiktoken", "tekken.json")
"""Files of which a tokeniser has at least one."""
LONGEST = 24 * 3_600
"""Seconds that fetching a model may take."""
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_BLOCK, _BLOCKS = 1 << 16, 64
"""Bytes of a weights' file that are read for its fingerprint: so many blocks, spread evenly."""


class NotHere(ValueError):
    """A model of the hub, or something called like one, that is not on this machine."""


def located(config: PretrainedConfig) -> Path:
    """Return the folder with the model's settings, tokeniser and safetensors. Raises ValueError with one line."""
    return drain(arriving(config))


def arriving(config: PretrainedConfig) -> Generator[LoadProgress, None, Path]:
    """Do as `located`, and tell meanwhile how far it is; who closes the generator ends what is going on."""
    source = config.source
    if not source:
        raise ValueError("model.source: is empty; name a folder, a .gguf file or a model of the Hugging Face hub")
    path = Path(source).expanduser()
    if path.suffix.lower() == ".gguf":
        return (yield from converting(path))
    folder = path if path.is_dir() else (yield from _fetching(source, download=config.download))
    _check(folder, source)
    return folder


def fingerprint(folder: Path) -> str:
    """Return what tells this model from others: a SHA-256 of file sizes, settings, templates and samples of weights."""
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


def _fetching(source: str, *, download: bool) -> Generator[LoadProgress, None, Path]:
    """Find a model in the hub's cache, or else fetch it if that is wanted."""
    try:
        return on_the_hub(source, download=False)
    except NotHere:
        if not download:
            raise
    place = Path(HF_HUB_CACHE) / repo_folder_name(repo_id=source, repo_type="model")
    before = _bytes_below(place)
    command = [sys.executable, "-m", "agents.models.hub_child", source]
    environment = {**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    ended = yield from run_child(
        command, environment, LONGEST, lambda: LoadProgress("fetching", max(_bytes_below(place) - before, 0))
    )
    told = json.loads((ended.said.strip().splitlines() or ["{}"])[-1])
    if "folder" not in told:
        said = (ended.complained.strip().splitlines() or [f"it ended with {ended.code}"])[-1][:200]
        raise ValueError(told.get("error", f"model.source: {source!r} cannot be fetched ({said}); try again later"))
    return Path(told["folder"])


def _bytes_below(place: Path) -> int:
    """Return how much of a model lies in the hub's cache, what is not whole yet included."""
    try:
        return sum(path.stat().st_size for path in (place / "blobs").iterdir())
    except OSError:  # not begun, or a file was just renamed
        return 0


def on_the_hub(source: str, *, download: bool) -> Path:
    """Return the folder of a model in the hub's cache. Raises ValueError with one line, `NotHere` if there is none."""
    if not _HUB_NAME.fullmatch(source):
        raise ValueError(f"model.source: there is no folder {source!r}; check the path")
    try:
        return Path(snapshot_download(source, local_files_only=not download, allow_patterns=list(NEEDED)))
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
        said = str(error).strip().splitlines()[0][:200]
        raise ValueError(f"model.source: {source!r} cannot be fetched ({said}); try again later") from error


def _check(folder: Path, source: str) -> None:
    """Raise ValueError, in one line, if the files of a model are not all there and whole."""
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
