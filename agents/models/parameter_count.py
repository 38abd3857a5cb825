"""Parameter counts of the built-in models, computed from their settings without importing Torch."""

from __future__ import annotations

import math
from pathlib import Path

from agents.config.agent import MLPConfig, ModelConfig
from agents.models.safetensors_header import header
from agents.models.transformer_shapes import policy_shapes

SHIPPED = Path(__file__).parents[2] / "resources" / "models"
"""Folder of the shipped models."""
BUILT_IN = SHIPPED / "built-in.safetensors"
"""Pretrained weights of the built-in transformer."""

INITIAL_VOCABULARY, PHRASE_POSITIONS = 259, 32
"""Special and byte tokens of the built-in transformer, and its positions after the longest prompt."""


def transformer_weights(config: ModelConfig) -> int:
    """Return the number of weights of a transformer and its value head, before any word is learned.

    Raises ValueError with one line if the shipped pretrained weights are damaged.
    """
    if config.start == "pretrained":
        return sum(tensor.numbers for tensor in header(BUILT_IN).values()) + (config.width + 1)
    shapes = policy_shapes(config, config.context + PHRASE_POSITIONS, INITIAL_VOCABULARY)
    return sum(math.prod(shape) for shape in shapes.values())


def mlp_weights(config: MLPConfig) -> int:
    """Return the number of weights of an MLP and its value head, before any word is learned."""
    width = config.width
    return config.context * width + width + (config.layers - 1) * (width * width + width) + (width + 1)
