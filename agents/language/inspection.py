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

MAX_BYTES = 4 << 30
"""Weights up to this many bytes are checked for NaN and infinity here, larger ones only when they are loaded."""


def inspect(config: PretrainedConfig) -> None:
    """Raise ValueError, in one line, if loading this model would fail; its weights are not held in memory."""
    folder = located(config)
    model = skeleton(folder, config.source)  # first, as when loading: the tokeniser reads config.json, too
    tokenizer = HFTokenizer(folder, config)
    check_tokens(model, tokenizer, config.source)
    if sum(path.stat().st_size for path in weight_files(folder)) <= MAX_BYTES:
        _check_numbers(folder, config.source)


def _check_numbers(folder: Path, source: str) -> None:
    for path in weight_files(folder):
        with safe_open(path, framework="pt") as stored:
            for name in stored.keys():  # noqa: SIM118  not a mapping
                weight = stored.get_tensor(name)
                if weight.is_floating_point() and not bool(torch.isfinite(weight.float()).all()):
                    raise ValueError(broken_weight(source, name))
