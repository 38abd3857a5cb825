"""Parameter counts of the built-in models, computed from their settings without importing Torch."""

from __future__ import annotations

import math
from pathlib import Path

from agents.config.agent import MLPConfig, ModelConfig
from agents.models.safetensors_header import header
from agents.models.transformer_shapes import policy_shapes

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
    if config.start == "pretrained":
        return sum(tensor.numbers for tensor in header(BUILT_IN).values()) + (config.width + 1)
    shapes = policy_shapes(config, config.context + PHRASE, BYTES)
    return sum(math.prod(shape) for shape in shapes.values())


def mlp_weights(config: MLPConfig) -> int:
    """Return the weights of an untrained network and its value head; each word that it learns adds a row."""
    width = config.width
    return config.context * width + width + (config.layers - 1) * (width * width + width) + (width + 1)
