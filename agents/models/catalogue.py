"""The list of selectable models: built in, shipped, and found on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from agents.config.agent import AnyModelConfig, MLPConfig, ModelConfig, PretrainedConfig, TableConfig
from agents.models.parameter_count import BUILT_IN, SHIPPED

Group = Literal["built in", "shipped", "on this machine", "named"]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One entry of the list of models."""

    group: Group
    title: str
    model: AnyModelConfig
    """The settings of a run with it."""


def choices(settings: AnyModelConfig) -> tuple[ModelChoice, ...]:
    """Return all available models; settings of pretrained ones other than the source are taken from `settings`.

    Scans the cache of the hub, which may take seconds, and makes no network request.
    """
    named = settings if isinstance(settings, PretrainedConfig) else PretrainedConfig()
    return tuple(choice for group in _GROUPS.values() for choice in group(settings, named))


def from_source(source: str, settings: AnyModelConfig) -> ModelChoice:
    """Return the entry for a user's folder, GGUF file or hub name."""
    named = settings if isinstance(settings, PretrainedConfig) else PretrainedConfig()
    title = Path(source).name if Path(source).is_absolute() else source
    return ModelChoice("named", title, named.model_copy(update={"source": source}))


def _built_in(settings: AnyModelConfig, named: PretrainedConfig) -> list[ModelChoice]:
    kinds = (ModelConfig(), MLPConfig(), TableConfig())
    known: dict[str, AnyModelConfig] = {kind.name: kind for kind in kinds}
    if not (isinstance(settings, ModelConfig) and settings.start == "pretrained"):
        known[settings.name] = settings  # keep the user's sizes
    return [ModelChoice("built in", kind.name, known[kind.name]) for kind in kinds]


def _shipped(settings: AnyModelConfig, named: PretrainedConfig) -> list[ModelChoice]:
    ours, folders = ModelConfig(start="pretrained"), sorted(SHIPPED.glob("*/config.json"))
    rows = [ModelChoice("shipped", ours.name, ours)] if BUILT_IN.is_file() else []
    for folder in (path.parent for path in folders):
        rows.append(ModelChoice("shipped", folder.name, named.model_copy(update={"source": str(folder)})))
    return rows


def _cached(settings: AnyModelConfig, named: PretrainedConfig) -> list[ModelChoice]:
    if find_spec("huggingface_hub") is None:
        return []
    from huggingface_hub import CacheNotFound, scan_cache_dir  # only with the extra llm

    try:
        repositories = scan_cache_dir().repos
    except CacheNotFound:
        return []
    names = sorted(found.repo_id for found in repositories if found.repo_type == "model")
    return [ModelChoice("on this machine", name, named.model_copy(update={"source": name})) for name in names]


_GROUPS: Mapping[str, Callable[[AnyModelConfig, PretrainedConfig], list[ModelChoice]]] = {
    "built in": _built_in,
    "shipped": _shipped,
    "on this machine": _cached,
}
