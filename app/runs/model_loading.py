"""Load a run's model in the background, before the run is created. Imports no Qt."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from agents.config.agent import AnyModelConfig, PretrainedConfig
from agents.errors import BadInput
from agents.models.load_progress import LoadProgress
from agents.store.run import Run


def load_events(model: AnyModelConfig | Path | None) -> Generator[LoadProgress]:
    """Tell how a model arrives; it stays loaded until the generator is closed. A `Path` is a run that has one.

    Nothing is told of a built-in one, which is made in no time. Raises `BadInput`.
    """
    settings = Run(model).config.model if isinstance(model, Path) else model
    if not isinstance(settings, PretrainedConfig):
        return
    yield LoadProgress("loading")  # at once: importing what loads it takes longer than the weights
    try:
        from agents.language.model_loading import load_model  # Torch and the extra llm, which take seconds to import
    except ModuleNotFoundError:  # making the run says what to install
        return
    try:
        yield from load_model(settings)
    except ValueError as error:
        raise BadInput(str(error)) from error


def until_here(model: Generator[LoadProgress]) -> Generator[LoadProgress]:
    """Yield what is told until the model is here, and leave it loaded."""
    for arrival in model:
        if arrival.phase == "here":
            return
        yield arrival
