"""Load a pretrained model with progress, and hold it until the run that needs it is created."""

from __future__ import annotations

from collections.abc import Generator

from agents.config.agent import PretrainedConfig
from agents.language.lora_base import load_base_model
from agents.models import sources
from agents.models.load_progress import LoadProgress


def load_model(config: PretrainedConfig) -> Generator[LoadProgress]:
    """Fetch, convert and load a model as far as that is needed, and tell how far it is. Raises ValueError.

    The last thing told is that it is here: it then stays loaded, and is found by whoever
    makes an agent of it, until the generator is closed. Closing it earlier ends what is
    going on.
    """
    folder = yield from sources.arriving(config)
    yield LoadProgress("loading")
    held = load_base_model(folder, sources.fingerprint(folder), config)
    yield LoadProgress("here")
    del held
