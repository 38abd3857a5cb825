"""Read the metadata of a model from its folder or file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.models import StoredModel
from agents.models.gguf_header import stored_gguf
from agents.models.licences import stated_licence
from agents.models.safetensors_header import stored_tensors
from agents.runtime.strict_json import parse

TEMPLATES = ("chat_template.jinja", "chat_template.json")
SIZES = (
    *("hidden_size", "n_embd", "num_hidden_layers", "n_layer", "num_attention_heads", "n_head", "num_key_value_heads"),
    *("intermediate_size", "vocab_size", "max_position_embeddings", "n_positions", "head_dim"),
)
"""Settings that must be positive integers, if present and not a list with one value per layer."""
_LARGEST = 16 << 20
"""Maximum bytes of a settings file; those of tokenisers with added tokens are the largest."""


def stored_model(path: Path) -> StoredModel:
    """Read the metadata of the model at `path`, a folder or a GGUF file. Raises ValueError with one line."""
    if path.suffix.lower() == ".gguf":
        return stored_gguf(path)
    return StoredModel(
        settings=_sized(_settings(path / "config.json")),
        tensors=stored_tensors(path),
        disk=sum(file.stat().st_size for file in path.iterdir() if file.is_file()),
        licence=stated_licence(path),
        has_template=_has_template(path),
    )


def _settings(path: Path) -> Mapping[str, Any]:
    try:
        settings = parse(path.read_bytes(), largest=_LARGEST, finite=False)
        if not isinstance(settings, dict):
            raise ValueError("is no table")
    except (OSError, ValueError) as error:
        reason = (str(error).splitlines() or [""])[0][:120]
        raise ValueError(f"{path.name} cannot be used: it {reason}; get the model again") from error
    return settings


def _sized(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings unchanged. Raises ValueError, in one line, if a size is not a positive integer."""
    for name in SIZES:
        value = settings.get(name)
        if isinstance(value, str | float | bool) or (isinstance(value, int) and value < 1):
            raise ValueError(
                f"config.json cannot be used: {name} must be a whole number of at least 1, got {value!r:.60}; "
                "get the model again"
            )
    return settings


def _has_template(folder: Path) -> bool:
    if any((folder / name).is_file() for name in TEMPLATES):
        return True
    path = folder / "tokenizer_config.json"
    return path.is_file() and bool(_settings(path).get("chat_template"))
