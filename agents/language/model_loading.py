"""Load a pretrained model with progress, and hold it until the run that needs it is created."""

from __future__ import annotations

from collections.abc import Generator

from agents.config.agent import PretrainedConfig
from agents.language.lora_base import load_base_model
from agents.models import sources
from agents.models.load_progress import LoadProgress


def load_model(config: PretrainedConfig) -> Generator[LoadProgress]:
    """Download, convert and load a model as far as needed, and yield the progress. Raises ValueError.

    After the last item, phase "here", the model stays loaded until the generator is closed,
    so that agents created meanwhile share it. Closing the generator earlier cancels the
    loading.
    """
    folder = yield from sources.locate_with_progress(config)
    yield LoadProgress("loading")
    model = load_base_model(folder, sources.fingerprint(folder), config)
    yield LoadProgress("here")
    del model
