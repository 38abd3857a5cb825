"""Collect all facts about a run's model before it is loaded, without importing torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from agents.config import RunConfig
from agents.config.agent import MLPConfig, ModelConfig, PretrainedConfig, TableConfig
from agents.models import MemoryEstimate, ModelFacts, ModelWarning, StoredModel
from agents.models.architectures import NO_EXTRA, architecture, architecture_problem
from agents.models.memory_estimate import built_in_estimate, largest_batch, pretrained_estimate
from agents.models.model_folder import stored_model
from agents.models.parameter_count import mlp_weights, transformer_weights
from agents.models.trainable_layers import linear_layers, no_layers_problem, trained_layers
from agents.runtime.escaping import visible_name

PHRASE_TOKENS = 32
"""Positions that a model needs for an action phrase after the longest prompt."""
PLAIN = "{error}"
NO_SOURCE = "name a folder, a .gguf file or a model of the Hugging Face hub"
NOT_HERE = "it is not on this machine; switch download on, and it is fetched when the run starts"
TO_FETCH = "it is not on this machine: it is fetched when the run starts, and what it is like is known only then"
TOO_LARGE = "it would hold {needed}, and this machine has {there} of memory; choose a smaller model"
TIGHT = (
    "with its largest batch it may hold {needed}, and this machine has {there} of memory; "
    "lower algorithm.batch_size or model.context"
)
TOO_LONG = "it can read {limit} tokens, and {reserved} are for answers; set model.context to {fits} or less"
NO_TEMPLATE = "it has no chat template; set model.chat = 'off'"
TEXTS = (NO_SOURCE, NOT_HERE, TO_FETCH, TOO_LARGE, TIGHT, TOO_LONG, NO_TEMPLATE, NO_EXTRA)
"""All messages of this module, for the translation."""


def model_facts(config: RunConfig, memory: int | None = None) -> ModelFacts:
    """Return the facts about `config.model` in a run with these settings, on a machine with `memory` bytes.

    Reads small files and headers only, makes no network request, and does not import torch.
    """
    available = psutil.virtual_memory().total if memory is None else memory
    return _FACTS[type(config.model)](config, available)


def _transformer(config: RunConfig, memory: int) -> ModelFacts:
    model = config.model
    assert isinstance(model, ModelConfig), "it has a row of its own"
    try:
        weights = transformer_weights(model)
    except ValueError as error:
        return ModelFacts(name=model.name, origin="", problem=ModelWarning(PLAIN, {"error": _short(error)}))
    return _from_scratch(config, weights, "decoder transformer", model.context, model.width + 1)


def _mlp(config: RunConfig, memory: int) -> ModelFacts:
    model = config.model
    assert isinstance(model, MLPConfig), "it has a row of its own"
    return _from_scratch(config, mlp_weights(model), "plain network", model.context, model.width + 1)


def _table(config: RunConfig, memory: int) -> ModelFacts:
    return ModelFacts(name=config.model.name, origin="", architecture="table")


def _from_scratch(config: RunConfig, weights: int, kind: str, context: int, head: int) -> ModelFacts:
    return ModelFacts(
        name=config.model.name,
        origin="",
        architecture=kind,
        weights=weights,
        dtype="F32",
        context=context,
        head=head,
        memory=built_in_estimate(weights),
        batch=(largest_batch(config), context),
    )


def _pretrained(config: RunConfig, memory: int) -> ModelFacts:
    settings = config.model
    assert isinstance(settings, PretrainedConfig), "it has a row of its own"
    name = Path(settings.source).name or settings.source
    try:
        path = _locate(settings)
    except (ValueError, ModuleNotFoundError) as error:
        problem = (
            ModelWarning(NO_EXTRA)
            if isinstance(error, ModuleNotFoundError)
            else ModelWarning(PLAIN, {"error": _short(error)})
        )
        return ModelFacts(
            name=name, origin=settings.source, problem=problem if settings.source else ModelWarning(NO_SOURCE)
        )
    if path is None:
        return _on_the_hub(settings)
    try:
        return stored_facts(stored_model(path), path, config, memory)
    except (ValueError, OSError) as error:
        return ModelFacts(name=name, origin=str(path), problem=ModelWarning(PLAIN, {"error": _short(error)}))


def stored_facts(model: StoredModel, path: Path, config: RunConfig, memory: int) -> ModelFacts:
    """Return the facts about a model at `path` from the metadata of its files."""
    settings = config.model
    assert isinstance(settings, PretrainedConfig), "only pretrained models are stored as files"
    layers = trained_layers(model, settings)
    head = model.setting("hidden_size", "n_embd", "d_model") + 1
    learned = head + (sum(row.count * row.trained for row in layers) if settings.rank else model.weights)
    estimate = pretrained_estimate(model, learned, config, settings)
    is_snapshot = path.parent.name == "snapshots"
    return ModelFacts(
        name=settings.source if is_snapshot else path.name,
        origin=f"huggingface.co/{settings.source}" if is_snapshot else str(path),
        commit=path.name if is_snapshot else "",
        architecture=visible_name(architecture(model))[:80],
        weights=model.weights,
        dtype=model.packing or _dtype(model),
        context=model.setting(*_POSITION_SETTINGS),
        licence=visible_name(model.licence),
        has_template=model.has_template,
        disk=model.disk,
        is_whole=not settings.rank,
        layers=layers,
        linear=linear_layers(model),
        head=head,
        memory=estimate,
        batch=(largest_batch(config), settings.context),
        problem=next(_problems(model, settings, estimate, memory), None),
        warning=ModelWarning(TIGHT, _room(estimate.total, memory)) if estimate.total > memory else None,
    )


def _locate(settings: PretrainedConfig) -> Path | None:
    """Return the model's folder or file; None if it is only on the hub. Raises ValueError with one line."""
    path = Path(settings.source).expanduser()
    if path.suffix.lower() == ".gguf":
        return path
    from agents.models.sources import NotHere, located  # needs the extra, as the model does

    try:
        return located(settings.model_copy(update={"download": False}))
    except NotHere:
        return None


def _on_the_hub(settings: PretrainedConfig) -> ModelFacts:
    to_fetch = settings.download
    return ModelFacts(
        name=settings.source,
        origin="huggingface.co",
        problem=None if to_fetch else ModelWarning(NOT_HERE),
        warning=ModelWarning(TO_FETCH) if to_fetch else None,
    )


def _problems(
    model: StoredModel, settings: PretrainedConfig, estimate: MemoryEstimate, memory: int
) -> Iterator[ModelWarning]:
    for found in (architecture_problem(model), no_layers_problem(model, settings)):
        if found is not None:
            yield found
    positions = model.setting(*_POSITION_SETTINGS)
    if positions and settings.context + PHRASE_TOKENS > positions:
        yield ModelWarning(
            TOO_LONG, {"limit": f"{positions:,}", "reserved": PHRASE_TOKENS, "fits": positions - PHRASE_TOKENS}
        )
    if settings.chat == "on" and not model.has_template:
        yield ModelWarning(NO_TEMPLATE)
    if estimate.persistent > memory:
        yield ModelWarning(TOO_LARGE, _room(estimate.persistent, memory))


def _room(needed: int, available: int) -> dict[str, str]:
    return {"needed": f"{needed / 1e9:,.1f} GB", "there": f"{available / 1e9:,.1f} GB"}


def _dtype(model: StoredModel) -> str:
    """Return the most frequent type, counted by elements."""
    counts: Counter[str] = Counter()
    for tensor in model.tensors.values():
        counts[tensor.dtype] += tensor.numbers
    return counts.most_common(1)[0][0] if counts else ""


def _short(error: Exception) -> str:
    return visible_name(str(error).removeprefix("model.source: "))


_POSITION_SETTINGS = ("max_position_embeddings", "n_positions", "n_ctx")
_FACTS: Mapping[type[Any], Callable[[RunConfig, int], ModelFacts]] = {
    ModelConfig: _transformer,
    PretrainedConfig: _pretrained,
    MLPConfig: _mlp,
    TableConfig: _table,
}
