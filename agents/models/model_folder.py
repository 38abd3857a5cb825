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
"""Settings that are whole numbers of at least 1, where they are there and no list of one for each layer."""
_LARGEST = 16 << 20
"""Bytes of a settings' file: tokenisers' files with their added tokens are the longest."""


def stored_model(place: Path) -> StoredModel:
    """Return what the model at `place`, a folder or a GGUF file, says of itself. Raises ValueError with one line."""
    if place.suffix.lower() == ".gguf":
        return stored_gguf(place)
    return StoredModel(
        settings=_sized(_settings(place / "config.json")),
        tensors=stored_tensors(place),
        disk=sum(path.stat().st_size for path in place.iterdir() if path.is_file()),
        licence=stated_licence(place),
        has_template=_has_template(place),
    )


def _settings(path: Path) -> Mapping[str, Any]:
    try:
        told = parse(path.read_bytes(), largest=_LARGEST, finite=False)
        if not isinstance(told, dict):
            raise ValueError("is no table")
    except (OSError, ValueError) as error:
        said = (str(error).splitlines() or [""])[0][:120]
        raise ValueError(f"{path.name} cannot be used: it {said}; get the model again") from error
    return told


def _sized(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings. Raises ValueError, in one line, if a size in them is none."""
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
