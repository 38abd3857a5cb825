"""Parameter counts of the built-in models, computed from their settings without importing Torch."""

from __future__ import annotations

from pathlib import Path

from agents.config.agent import MLPConfig, ModelConfig
from agents.models.safetensors_header import header

SHIPPED = Path(__file__).parents[2] / "resources" / "models"
"""Where the models lie that come with the lab."""
BUILT_IN = SHIPPED / "built-in.safetensors"
"""The transformer's weights that have read what the worlds say, with the words that they know."""

BYTES, PHRASE = 259, 32
"""Tokens that the transformer's vocabulary begins with, and places after its longest prompt."""


def transformer_weights(config: ModelConfig) -> int:
    """Return the weights of a transformer and its value head; each word that it learns adds a width.

    Raises ValueError with one line if the pretrained ones that came with the lab are damaged.
    """
    width = config.width
    if config.start == "pretrained":
        return sum(tensor.numbers for tensor in header(BUILT_IN).values()) + (width + 1)
    attention = 3 * width * width + width * width + width
    thought = 4 * width * width + 4 * width + 4 * width * width + width
    norms = 4 * width
    places, words = (config.context + PHRASE) * width, BYTES * width
    return places + words + config.layers * (attention + thought + norms) + 2 * width + (width + 1)


def mlp_weights(config: MLPConfig) -> int:
    """Return the weights of an untrained network and its value head; each word that it learns adds a row."""
    width = config.width
    return config.context * width + width + (config.layers - 1) * (width * width + width) + (width + 1)
