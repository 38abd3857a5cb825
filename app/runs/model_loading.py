"""Load a run's model in the background, before the run is created. Imports no Qt."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from agents.config.agent import AnyModelConfig, PretrainedConfig
from agents.errors import BadInput
from agents.models.load_progress import LoadProgress
from agents.store.run import Run


def load_events(model: AnyModelConfig | Path | None) -> Generator[LoadProgress]:
    """Load a pretrained model and yield the progress; it stays loaded until the generator is closed.

    `model` is the model's config, or the folder of a stored run. Yields nothing for a built-in model,
    which needs no loading. Raises `BadInput`.
    """
    settings = Run(model).config.model if isinstance(model, Path) else model
    if not isinstance(settings, PretrainedConfig):
        return
    yield LoadProgress("loading")  # at once: the import below takes longer than loading the weights
    try:
        from agents.language.model_loading import load_model  # Torch and the extra llm, which take seconds to import
    except ModuleNotFoundError:  # creating the run raises an error that names what to install
        return
    try:
        yield from load_model(settings)
    except ValueError as error:
        raise BadInput(str(error)) from error


def until_loaded(model: Generator[LoadProgress]) -> Generator[LoadProgress]:
    """Yield the progress until the model is loaded, and leave the generator open so that it stays loaded."""
    for progress in model:
        if progress.phase == "here":
            return
        yield progress
