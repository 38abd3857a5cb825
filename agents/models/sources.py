"""Where a pretrained model comes from: a folder, a GGUF file, or the Hugging Face hub. In the end it is a folder."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

from agents.config import PretrainedConfig
from agents.models.gguf_conversion import converted

NEEDED = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja")
"""What is fetched of a model: no weights that could run code, and no code."""
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_BLOCK, _BLOCKS = 1 << 16, 64
"""Bytes of a weights' file that are read for its fingerprint: so many blocks, spread evenly."""


def located(config: PretrainedConfig) -> Path:
    """Return the folder with the model's settings, tokeniser and safetensors. Raises ValueError with one line."""
    source = config.source
    if not source:
        raise ValueError("model.source: is empty; name a folder, a .gguf file or a model of the Hugging Face hub")
    path = Path(source).expanduser()
    if path.suffix.lower() == ".gguf":
        return converted(path)
    folder = path if path.is_dir() else _from_hub(source, download=config.download)
    _check(folder, source)
    return folder


def fingerprint(folder: Path) -> str:
    """Return what tells this model from others: a SHA-256 of file sizes, settings and samples of weights."""
    digest = sha256()
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.safetensors")]):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size};".encode())
        with path.open("rb") as stream:
            step = max(size // _BLOCKS, _BLOCK) if path.suffix == ".safetensors" else _BLOCK
            for start in range(0, size, step):
                stream.seek(start)
                digest.update(stream.read(_BLOCK))
    return digest.hexdigest()


def _from_hub(source: str, *, download: bool) -> Path:
    if not _HUB_NAME.fullmatch(source):
        raise ValueError(f"model.source: there is no folder {source!r}; check the path")
    try:
        return Path(snapshot_download(source, local_files_only=not download, allow_patterns=list(NEEDED)))
    except LocalEntryNotFoundError as error:
        remedy = "check the network" if download else "check the path, or set model.download = true"
        raise ValueError(f"model.source: {source!r} is neither a folder nor on this machine; {remedy}") from error
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
    if not (folder / "config.json").is_file():
        raise ValueError(f"model.source: {source!r} has no config.json; name the folder of a transformers model")
    if any(folder.glob("*.safetensors")):
        return
    if any(path for pattern in PICKLED for path in folder.glob(pattern)):
        raise ValueError(
            f"model.source: {source!r} holds its weights as pickle, which could run code; convert it to safetensors"
        )
    raise ValueError(f"model.source: {source!r} has no *.safetensors; name a folder that holds the weights, too")
