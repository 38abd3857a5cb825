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

STRETCH = 2
"""LoRA's α is so many times the rank: what the two factors say counts double."""
DTYPES: Mapping[str, torch.dtype] = {"auto": torch.float32, "float32": torch.float32, "bfloat16": torch.bfloat16}
_ATTENTION = ("attn", "attention")
_read: WeakValueDictionary[tuple[str, torch.dtype], nn.Module] = WeakValueDictionary()
"""Models in use, by fingerprint: trainer, viewer and every earlier self hold the same frozen numbers, not copies."""


def load_base_model(folder: Path, fingerprint: str, config: PretrainedConfig) -> Any:
    """Return the model in `folder` as it was trained before, not to be changed. Raises ValueError with one line."""
    dtype = DTYPES[config.dtype] if config.rank else torch.float32
    found = _read.get((fingerprint, dtype))
    if found is None:
        found = _loaded(folder, config.source, dtype).eval().requires_grad_(False)
        _check_finite(found, config.source)
        causal_scoring.check(found, config.source)  # once: it takes as long as reading the weights
        _read[fingerprint, dtype] = found
    return found


def skeleton(folder: Path, source: str) -> Any:
    """Return the model in `folder` without its weights, for comparison. Raises what `load_base_model` raises."""
    return _loaded(folder, source, torch.float32, device_map="meta")


def check_tokens(found: Any, wording: HFTokenizer, source: str) -> None:
    """Raise ValueError if the tokeniser has tokens for which a model has no row."""
    rows = len(found.get_input_embeddings().weight)
    if wording.tokens > rows:
        raise ValueError(
            f"model.source: the tokeniser of {source!r} has {wording.tokens:,} tokens, and its model rows for "
            f"{rows:,}; get the tokeniser that belongs to it, or a model that was resized for this one"
        )


def _loaded(folder: Path, source: str, dtype: torch.dtype, **more: Any) -> Any:
    options = {"local_files_only": True, "use_safetensors": True, "trust_remote_code": False, **more}
    options |= {"output_loading_info": True, "ignore_mismatched_sizes": True}  # both are told below, in one line
    try:
        with _silence():
            model, report = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **options)
            embedding = model.get_input_embeddings().weight
    except MemoryError as error:
        raise ValueError(f"model.source: {source!r} does not fit into memory; choose a smaller model") from error
    except Exception as error:  # its settings are anybody's, and are computed with before they are looked at
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ValueError(
            f"model.source: {source!r} cannot be read as a causal language model ({said}); choose another"
        ) from error
    if odd := sorted(report["mismatched_keys"]):
        name, stored, wanted = odd[0]
        raise ValueError(
            f"model.source: {source!r} has weights of other shapes than its config.json says: {name[:80]!r} is "
            f"{list(stored)}, not {list(wanted)}; get the model again"
        )
    if lost := sorted(report["missing_keys"]):
        raise ValueError(
            f"model.source: {source!r} is no whole causal language model: {len(lost)} weights are missing, "
            f"such as {lost[0][:80]!r}; choose another"
        )
    if embedding.dim() != 2 or not embedding.numel():
        raise ValueError(f"model.source: {source!r} has no words to read; choose another")
    return model


@contextmanager
def _silence() -> Iterator[None]:
    """Let transformers draw no bars and print no reports meanwhile, over what the command line says."""
    loudness = transformers_logging.get_verbosity()
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(loudness)


def _check_finite(model: nn.Module, source: str) -> None:
    for name, weight in model.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            raise ValueError(broken_weight(source, name))


def broken_weight(source: str, name: str) -> str:
    """Return what to say of a weight that holds something else than finite numbers."""
    return f"model.source: {source!r} holds NaN or infinity in {name[:80]!r}; get the model again, or choose another"


def adapted(found: nn.Module, config: PretrainedConfig, generator: torch.Generator) -> Any:
    """Return a copy that learns: its adapters, drawn from `generator`, or with rank 0 every weight.

    What stays is shared with `found`, and turned from parameters into buffers that no
    checkpoint holds: to optimisers, strategies and stores there is only what is learned.
    """
    if not config.rank:
        return deepcopy(found).requires_grad_(True)
    model: Any = sharing(found)
    names = _targets(model, config)
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=STRETCH * config.rank,
        target_modules=names,
        fan_in_fan_out=isinstance(model.get_submodule(names[0]), Conv1D),  # which holds its matrix on its side
    )
    with torch.random.fork_rng(devices=()):  # peft draws from the global generator; what it draws is drawn anew below
        inject_adapter_in_model(lora, model)
    _freeze(model)
    for name, factor in model.named_parameters():
        factor.data = factor.data.float()
        if ".lora_A." in name:
            bound = factor.shape[1] ** -0.5
            factor.data.uniform_(-bound, bound, generator=generator)
        else:
            factor.data.zero_()  # so that an adapter begins by changing nothing
    return model


def sharing(model: nn.Module) -> nn.Module:
    """Return a copy whose frozen numbers are the very same tensors."""
    stays = [*model.parameters(), *model.buffers()]
    return deepcopy(model, {id(tensor): tensor for tensor in stays if not tensor.requires_grad})


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
    """Make buffers of all parameters that are not learned; tied ones stay one tensor."""
    frozen: dict[int, Tensor] = {}
    for part in list(model.modules()):
        for name, weight in list(part.named_parameters(recurse=False)):
            if not weight.requires_grad:
                delattr(part, name)
                part.register_buffer(name, frozen.setdefault(id(weight), weight.detach()), persistent=False)
