"""Collect all facts about a run's model before it is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from agents.config import RunConfig
from agents.config.agent import MLPConfig, ModelConfig, PretrainedConfig, TableConfig
from agents.models import MemoryEstimate, ModelFacts, ModelWarning, StoredModel
from agents.models.architectures import NO_EXTRA, architecture, unfit
from agents.models.memory_estimate import largest_batch, learned_from_scratch, with_adapter
from agents.models.model_folder import stored_model
from agents.models.parameter_count import mlp_weights, transformer_weights
from agents.models.trainable_layers import linear_layers, trained_layers, without_layers
from agents.runtime.escaping import visible_name

ANSWER = 32
"""Places that must be left for answers after the longest prompt."""
PLAIN = "{error}"
NO_SOURCE = "name a folder, a .gguf file or a model of the Hugging Face hub"
NOT_HERE = "it is not on this machine; switch download on, and it is fetched when the run starts"
TO_FETCH = "it is not on this machine: it is fetched when the run starts, and what it is like is known only then"
TOO_LARGE = "it would hold {needed}, and this machine has {there} of memory; choose a smaller model"
TIGHT = (
    "with its largest batch it may hold {needed}, and this machine has {there} of memory; "
    "lower algorithm.batch_size or model.context"
)
TOO_LONG = "it can read {most} tokens, and {kept} are for answers; set model.context to {fits} or less"
NO_TEMPLATE = "it has no chat template; set model.chat = 'off'"
TEXTS = (NO_SOURCE, NOT_HERE, TO_FETCH, TOO_LARGE, TIGHT, TOO_LONG, NO_TEMPLATE, NO_EXTRA)
"""Every remark of this module, as templates."""


def model_facts(config: RunConfig, memory: int | None = None) -> ModelFacts:
    """Return the facts of `config.model` in a run with these settings; `memory` is this machine's, in bytes.

    Reads small files and headers only, asks nothing of the network, and never imports Torch.
    """
    there = psutil.virtual_memory().total if memory is None else memory
    return _FACTS[type(config.model)](config, there)


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
        memory=learned_from_scratch(weights),
        batch=(largest_batch(config), context),
    )


def _pretrained(config: RunConfig, memory: int) -> ModelFacts:
    settings = config.model
    assert isinstance(settings, PretrainedConfig), "it has a row of its own"
    name = Path(settings.source).name or settings.source
    try:
        place = _place(settings)
    except (ValueError, ModuleNotFoundError) as error:
        said = (
            ModelWarning(NO_EXTRA)
            if isinstance(error, ModuleNotFoundError)
            else ModelWarning(PLAIN, {"error": _short(error)})
        )
        return ModelFacts(
            name=name, origin=settings.source, problem=said if settings.source else ModelWarning(NO_SOURCE)
        )
    if place is None:
        return _on_the_hub(settings)
    try:
        return stored_facts(stored_model(place), place, config, memory)
    except (ValueError, OSError) as error:
        return ModelFacts(name=name, origin=str(place), problem=ModelWarning(PLAIN, {"error": _short(error)}))


def stored_facts(model: StoredModel, place: Path, config: RunConfig, memory: int) -> ModelFacts:
    """Return the facts of a model whose files were looked at."""
    settings = config.model
    assert isinstance(settings, PretrainedConfig), "only pretrained models are stored as files"
    layers = trained_layers(model, settings)
    head = model.setting("hidden_size", "n_embd", "d_model") + 1
    learned = head + (sum(row.count * row.trained for row in layers) if settings.rank else model.weights)
    held = with_adapter(model, learned, config, settings)
    is_snapshot = place.parent.name == "snapshots"
    return ModelFacts(
        name=settings.source if is_snapshot else place.name,
        origin=f"huggingface.co/{settings.source}" if is_snapshot else str(place),
        commit=place.name if is_snapshot else "",
        architecture=visible_name(architecture(model))[:80],
        weights=model.weights,
        dtype=model.packing or _dtype(model),
        context=model.setting(*_PLACES),
        licence=visible_name(model.licence),
        has_template=model.has_template,
        disk=model.disk,
        is_whole=not settings.rank,
        layers=layers,
        linear=linear_layers(model),
        head=head,
        memory=held,
        batch=(largest_batch(config), settings.context),
        problem=next(_problems(model, settings, held, memory), None),
        warning=ModelWarning(TIGHT, _room(held.total, memory)) if held.total > memory else None,
    )


def _place(settings: PretrainedConfig) -> Path | None:
    """Return where the model lies; None for one that is only on the hub. Raises ValueError with one line."""
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
    model: StoredModel, settings: PretrainedConfig, held: MemoryEstimate, memory: int
) -> Iterator[ModelWarning]:
    for found in (unfit(model), without_layers(model, settings)):
        if found is not None:
            yield found
    most = model.setting(*_PLACES)
    if most and settings.context + ANSWER > most:
        yield ModelWarning(TOO_LONG, {"most": f"{most:,}", "kept": ANSWER, "fits": most - ANSWER})
    if settings.chat == "on" and not model.has_template:
        yield ModelWarning(NO_TEMPLATE)
    if held.lasting > memory:
        yield ModelWarning(TOO_LARGE, _room(held.lasting, memory))


def _room(needed: int, there: int) -> dict[str, str]:
    return {"needed": f"{needed / 1e9:,.1f} GB", "there": f"{there / 1e9:,.1f} GB"}


def _dtype(model: StoredModel) -> str:
    """Return the type that most of its numbers have."""
    counts: Counter[str] = Counter()
    for tensor in model.tensors.values():
        counts[tensor.dtype] += tensor.numbers
    return counts.most_common(1)[0][0] if counts else ""


def _short(error: Exception) -> str:
    return visible_name(str(error).removeprefix("model.source: "))


_PLACES = ("max_position_embeddings", "n_positions", "n_ctx")
_FACTS: Mapping[type[Any], Callable[[RunConfig, int], ModelFacts]] = {
    ModelConfig: _transformer,
    PretrainedConfig: _pretrained,
    MLPConfig: _mlp,
    TableConfig: _table,
}
