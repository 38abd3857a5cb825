"""The frozen weights of a pretrained model: loaded once, shared by every copy, trained through LoRA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import torch
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn
from transformers import AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D
from transformers.utils import logging as transformers_logging

from agents.config.agent import PretrainedConfig
from agents.language import causal_scoring
from agents.language.hf_tokenizer import HFTokenizer

ALPHA_PER_RANK = 2
"""LoRA's α divided by the rank, the scale of the adapter's output."""
DTYPES: Mapping[str, torch.dtype] = {"auto": torch.float32, "float32": torch.float32, "bfloat16": torch.bfloat16}
_ATTENTION = ("attn", "attention")
_loaded_models: WeakValueDictionary[tuple[str, torch.dtype], nn.Module] = WeakValueDictionary()
"""Base models in use, by fingerprint and type: all policies of a process share their frozen weights."""


def load_base_model(folder: Path, fingerprint: str, config: PretrainedConfig) -> Any:
    """Return the frozen pretrained model in `folder`, loaded at most once. Raises ValueError with one line."""
    dtype = DTYPES[config.dtype] if config.rank else torch.float32
    base = _loaded_models.get((fingerprint, dtype))
    if base is None:
        base = _loaded(folder, config.source, dtype).eval().requires_grad_(False)
        _check_finite(base, config.source)
        causal_scoring.check(base, config.source)  # only once: it takes as long as reading the weights
        _loaded_models[fingerprint, dtype] = base
    return base


def skeleton(folder: Path, source: str) -> Any:
    """Return the model in `folder` with its weights on the meta device. Raises what `load_base_model` raises."""
    return _loaded(folder, source, torch.float32, device_map="meta")


def check_tokens(base: Any, tokenizer: HFTokenizer, source: str) -> None:
    """Raise ValueError if the tokeniser has tokens for which the model has no embedding row."""
    rows = len(base.get_input_embeddings().weight)
    if tokenizer.tokens > rows:
        raise ValueError(
            f"model.source: the tokeniser of {source!r} has {tokenizer.tokens:,} tokens, and its model rows for "
            f"{rows:,}; get the tokeniser that belongs to it, or a model that was resized for this one"
        )


def _loaded(folder: Path, source: str, dtype: torch.dtype, **extra: Any) -> Any:
    options = {"local_files_only": True, "use_safetensors": True, "trust_remote_code": False, **extra}
    options |= {"output_loading_info": True, "ignore_mismatched_sizes": True}  # reported below, in one line
    try:
        with _quiet():
            model, report = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **options)
            embedding = model.get_input_embeddings().weight
    except MemoryError as error:
        raise ValueError(f"model.source: {source!r} does not fit into memory; choose a smaller model") from error
    except Exception as error:  # config.json is third-party, and transformers computes with it unchecked
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ValueError(
            f"model.source: {source!r} cannot be read as a causal language model ({reason}); choose another"
        ) from error
    if mismatched := sorted(report["mismatched_keys"]):
        name, stored, wanted = mismatched[0]
        raise ValueError(
            f"model.source: {source!r} has weights of other shapes than its config.json says: {name[:80]!r} is "
            f"{list(stored)}, not {list(wanted)}; get the model again"
        )
    if missing := sorted(report["missing_keys"]):
        raise ValueError(
            f"model.source: {source!r} is no complete causal language model: {len(missing)} weights are missing, "
            f"such as {missing[0][:80]!r}; choose another"
        )
    if embedding.dim() != 2 or not embedding.numel():
        raise ValueError(f"model.source: {source!r} has no words to read; choose another")
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence progress bars and reports of transformers, which would break the command line's own output."""
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)


def _check_finite(model: nn.Module, source: str) -> None:
    for name, weight in model.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            raise ValueError(broken_weight(source, name))


def broken_weight(source: str, name: str) -> str:
    """Return the message for a weight that is not finite everywhere."""
    return f"model.source: {source!r} holds NaN or infinity in {name[:80]!r}; get the model again, or choose another"


def with_adapters(base: nn.Module, config: PretrainedConfig, generator: torch.Generator) -> Any:
    """Return a trainable copy: with LoRA adapters drawn from `generator`, or with rank 0 all weights trainable.

    Frozen weights are shared with `base`, and become non-persistent buffers, so that
    optimisers, strategies and checkpoints see the trained weights only.
    """
    if not config.rank:
        return deepcopy(base).requires_grad_(True)
    model: Any = copy_sharing_frozen(base)
    names = _targets(model, config)
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=ALPHA_PER_RANK * config.rank,
        target_modules=names,
        fan_in_fan_out=isinstance(model.get_submodule(names[0]), Conv1D),  # Conv1D stores (inputs, outputs)
    )
    with torch.random.fork_rng(devices=()):  # peft draws from the global generator; redrawn below
        inject_adapter_in_model(lora, model)
    _freeze(model)
    for name, factor in model.named_parameters():
        factor.data = factor.data.float()
        if ".lora_A." in name:  # (rank, inputs)
            bound = factor.shape[1] ** -0.5
            factor.data.uniform_(-bound, bound, generator=generator)
        else:
            factor.data.zero_()  # B = 0: an untrained adapter changes nothing
    return model


def copy_sharing_frozen(model: nn.Module) -> nn.Module:
    """Return a deep copy that shares the frozen tensors with `model`."""
    tensors = [*model.parameters(), *model.buffers()]
    return deepcopy(model, {id(tensor): tensor for tensor in tensors if not tensor.requires_grad})


def _targets(model: nn.Module, config: PretrainedConfig) -> list[str]:
    linear = [name for name, part in model.named_modules() if isinstance(part, nn.Linear | Conv1D)]
    wanted = tuple(ending.strip() for ending in config.target_modules.split(",") if ending.strip())
    if not wanted:
        chosen = [name for name in linear if any(word in name.rpartition(".")[0].lower() for word in _ATTENTION)]
    else:
        chosen = [name for name in linear if name.endswith(wanted)]
    if not chosen:
        known = ", ".join(sorted({name.rpartition(".")[2] for name in linear}))
        raise ValueError(
            f"model.target_modules: no linear layer fits {config.target_modules!r}; there are {known[:200]}"
        )
    return chosen


def _freeze(model: nn.Module) -> None:
    """Turn all frozen parameters into non-persistent buffers; tied ones stay one tensor."""
    frozen: dict[int, Tensor] = {}
    for part in list(model.modules()):
        for name, weight in list(part.named_parameters(recurse=False)):
            if not weight.requires_grad:
                delattr(part, name)
                part.register_buffer(name, frozen.setdefault(id(weight), weight.detach()), persistent=False)
