"""Reading what a folder or a file says of the model in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.models import StoredModel
from agents.models.gguf_header import stored_gguf
from agents.models.licences import stated_licence
from agents.models.weight_headers import stored_tensors
from agents.strict_json import parse

TEMPLATES = ("chat_template.jinja", "chat_template.json")
_LARGEST = 16 << 20
"""Bytes of a settings' file: tokenisers' files with their added tokens are the longest."""


def stored_model(place: Path) -> StoredModel:
    """Return what the model at `place`, a folder or a GGUF file, says of itself. Raises ValueError with one line."""
    if place.suffix.lower() == ".gguf":
        return stored_gguf(place)
    return StoredModel(
        settings=_settings(place / "config.json"),
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


def _has_template(folder: Path) -> bool:
    if any((folder / name).is_file() for name in TEMPLATES):
        return True
    path = folder / "tokenizer_config.json"
    return path.is_file() and bool(_settings(path).get("chat_template"))
