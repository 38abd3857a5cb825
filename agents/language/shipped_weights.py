"""The pretrained weights of the built-in model that ship with the package: safetensors and JSON metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save
from torch import Tensor

from agents.runtime.atomic_write import write_whole
from resources import path

METADATA, WEIGHTS = "built-in.json", "built-in.safetensors"


@dataclass(frozen=True, slots=True)
class ShippedWeights:
    """The pretrained weights of the built-in model."""

    words: Sequence[str]
    """The vocabulary, in the order of the embedding's rows."""
    weights: Mapping[str, Tensor]
    """By name, each in its own shape."""
    provenance: Mapping[str, Any]
    """The recipe and the measured perplexities, as JSON data."""


def read(folder: Path | None = None) -> ShippedWeights:
    """Read the weights in `folder`, by default the shipped ones. Raises ValueError if they are missing or damaged."""
    try:
        folder = path("models") if folder is None else folder
        metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        arrays = load((folder / WEIGHTS).read_bytes())
        return ShippedWeights(
            metadata["words"], {name: torch.from_numpy(array) for name, array in arrays.items()}, metadata["made"]
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ValueError(
            f"model.start: the pretrained weights cannot be read ({error}); run palimpsest pretrain, "
            "or set model.start = 'scratch'"
        ) from error


def write(
    folder: Path, words: Sequence[str], weights: Mapping[str, Tensor], provenance: Mapping[str, Any]
) -> list[Path]:
    """Write both files, and return their paths; `weights` are by name, each in its own shape."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.ascontiguousarray(weight.detach().cpu().numpy()) for name, weight in weights.items()}
    metadata = json.dumps({"words": list(words), "made": dict(provenance)}, indent=1, ensure_ascii=False) + "\n"
    contents = {METADATA: metadata.encode(), WEIGHTS: save(arrays)}
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]
