"""Which layers of a pretrained model LoRA would train, from the names and shapes of its tensors."""

from __future__ import annotations

from collections import Counter

from agents.config.agent import PretrainedConfig
from agents.models import ModelWarning, StoredModel, TrainedLayers

_ATTENTION = ("attn", "attention")
_NOT_LINEAR = ("embed", "wte", "wpe", "lm_head", "embd", "norm", "relative_attention_bias")
"""Parts of the names of matrices that are not linear layers, or that never get an adapter."""
NO_SUCH = "no linear layer fits model.target_modules = {targets!r}; there are {known}"


def trained_layers(model: StoredModel, config: PretrainedConfig) -> tuple[TrainedLayers, ...]:
    """Return the layers that get an adapter of `config.rank`, or with rank 0 every one, by name and shape."""
    counts: Counter[tuple[str, int, int]] = Counter()
    for name, (outputs, inputs) in _matrices(model, linear=config.rank > 0).items():
        if not config.rank or _is_wanted(name, config.target_modules):
            counts[name.rpartition(".")[2], inputs, outputs] += 1
    return tuple(
        TrainedLayers(name, count, inputs, outputs, config.rank * (inputs + outputs) or inputs * outputs)
        for (name, inputs, outputs), count in counts.items()
    )


def no_layers_problem(model: StoredModel, config: PretrainedConfig) -> ModelWarning | None:
    """Return the message if `model.target_modules` matches no layer, else None."""
    if not config.rank or trained_layers(model, config):
        return None
    known = ", ".join(linear_layers(model))
    return ModelWarning(NO_SUCH, {"targets": config.target_modules, "known": known[:200] or "none"})


def linear_layers(model: StoredModel) -> tuple[str, ...]:
    """Return the distinct last parts of the names of the linear layers, sorted."""
    return tuple(sorted({name.rpartition(".")[2] for name in _matrices(model, linear=True)}))


def _matrices(model: StoredModel, *, linear: bool) -> dict[str, tuple[int, int]]:
    """Return the shape of each 2-d weight by the name of its layer; with `linear`, of linear layers only."""
    shapes: dict[str, tuple[int, int]] = {}
    for name, tensor in model.tensors.items():
        layer, _, part = name.rpartition(".")
        last = layer.rpartition(".")[2].lower()
        if part == "weight" and len(tensor.shape) == 2 and not (linear and any(word in last for word in _NOT_LINEAR)):
            shapes[layer] = (tensor.shape[0], tensor.shape[1])
    return shapes


def _is_wanted(layer: str, targets: str) -> bool:
    """Return whether a layer gets an adapter; without targets, the linear layers of attention do."""
    endings = tuple(ending.strip() for ending in targets.split(",") if ending.strip())
    if endings:
        return layer.endswith(endings)
    return any(word in layer.rpartition(".")[0].lower() for word in _ATTENTION)
