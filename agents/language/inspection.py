"""Check whether a pretrained model could be trained, without loading its weights."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open

from agents.config.agent import PretrainedConfig
from agents.language.hf_tokenizer import HFTokenizer
from agents.language.lora_base import broken_weight, check_tokens, skeleton
from agents.models.safetensors_header import weight_files
from agents.models.sources import located

LARGEST = 4 << 30
"""Bytes of weights that are looked through for what is no number; larger ones are when they are loaded."""


def inspect(config: PretrainedConfig) -> None:
    """Raise ValueError, in one line, if a run with this model would be refused: as loading does, without its memory."""
    folder = located(config)
    found = skeleton(folder, config.source)  # first, as loading does: a tokeniser reads the model's settings, too
    wording = HFTokenizer(folder, config)
    check_tokens(found, wording, config.source)
    if sum(path.stat().st_size for path in weight_files(folder)) <= LARGEST:
        _check_numbers(folder, config.source)


def _check_numbers(folder: Path, source: str) -> None:
    for path in weight_files(folder):
        with safe_open(path, framework="pt") as stored:
            for name in stored.keys():  # noqa: SIM118  it is no mapping
                weight = stored.get_tensor(name)
                if weight.is_floating_point() and not bool(torch.isfinite(weight.float()).all()):
                    raise ValueError(broken_weight(source, name))
