"""Which layers of a pretrained model LoRA would train, from the names and shapes of its tensors."""

from __future__ import annotations

from collections import Counter

from agents.config.agent import PretrainedConfig
from agents.models import ModelWarning, StoredModel, TrainedLayers

_ATTENTION = ("attn", "attention")
_NOT_LINEAR = ("embed", "wte", "wpe", "lm_head", "embd", "norm", "relative_attention_bias")
"""Parts of the names of matrices that are no linear layers, or never get an adapter of their own."""
NO_SUCH = "no linear layer fits model.target_modules = {targets!r}; there are {known}"


def trained_layers(model: StoredModel, config: PretrainedConfig) -> tuple[TrainedLayers, ...]:
    """Return the layers that get an adapter of `config.rank`, or with rank 0 every one, by name and shape."""
    found: Counter[tuple[str, int, int]] = Counter()
    for name, (outputs, inputs) in _matrices(model, linear=config.rank > 0).items():
        if not config.rank or _is_wanted(name, config.target_modules):
            found[name.rpartition(".")[2], inputs, outputs] += 1
    return tuple(
        TrainedLayers(name, count, inputs, outputs, config.rank * (inputs + outputs) or inputs * outputs)
        for (name, inputs, outputs), count in found.items()
    )


def without_layers(model: StoredModel, config: PretrainedConfig) -> ModelWarning | None:
    """Return what to say where the targets fit no layer at all."""
    if not config.rank or trained_layers(model, config):
        return None
    known = ", ".join(linear_layers(model))
    return ModelWarning(NO_SUCH, {"targets": config.target_modules, "known": known[:200] or "none"})


def linear_layers(model: StoredModel) -> tuple[str, ...]:
    """Return how the names of its linear layers end, each once and in order."""
    return tuple(sorted({name.rpartition(".")[2] for name in _matrices(model, linear=True)}))


def _matrices(model: StoredModel, *, linear: bool) -> dict[str, tuple[int, int]]:
    """Return the shape of each weight of two dimensions by its layer's name; with `linear` of linear layers only."""
    found: dict[str, tuple[int, int]] = {}
    for name, tensor in model.tensors.items():
        layer, _, part = name.rpartition(".")
        last = layer.rpartition(".")[2].lower()
        if part == "weight" and len(tensor.shape) == 2 and not (linear and any(word in last for word in _NOT_LINEAR)):
            found[layer] = (tensor.shape[0], tensor.shape[1])
    return found


def _is_wanted(layer: str, targets: str) -> bool:
    """Tell whether a layer gets an adapter; without targets, each linear one of attention does."""
    endings = tuple(ending.strip() for ending in targets.split(",") if ending.strip())
    if endings:
        return layer.endswith(endings)
    return any(word in layer.rpartition(".")[0].lower() for word in _ATTENTION)
