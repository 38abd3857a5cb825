"""The pretrained weights that are part of the package: safetensors beside JSON, in `resources/models`."""

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

ABOUT, WEIGHTS = "built-in.json", "built-in.safetensors"


@dataclass(frozen=True, slots=True)
class ShippedWeights:
    """The built-in model as it was pretrained."""

    words: Sequence[str]
    """Its vocabulary, in the order of the embedding's rows."""
    weights: Mapping[str, Tensor]
    provenance: Mapping[str, Any]
    """Of what text it was made, and how well it foretells another, as JSON data."""


def read(folder: Path | None = None) -> ShippedWeights:
    """Return what lies in `folder`, or came with the lab. Raises ValueError if it is not there, or damaged."""
    try:
        folder = path("models") if folder is None else folder
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        arrays = load((folder / WEIGHTS).read_bytes())
        return ShippedWeights(
            about["words"], {name: torch.from_numpy(array) for name, array in arrays.items()}, about["made"]
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ValueError(
            f"model.start: the pretrained weights cannot be read ({error}); run palimpsest pretrain, "
            "or set model.start = 'scratch'"
        ) from error


def keep(
    folder: Path, words: Sequence[str], weights: Mapping[str, Tensor], provenance: Mapping[str, Any]
) -> list[Path]:
    """Write both files, the weights last; return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.ascontiguousarray(weight.detach().cpu().numpy()) for name, weight in weights.items()}
    about = json.dumps({"words": list(words), "made": dict(provenance)}, indent=1, ensure_ascii=False) + "\n"
    contents = {ABOUT: about.encode(), WEIGHTS: save(arrays)}
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]
