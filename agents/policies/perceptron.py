"""A plain network: vectors in, numbers out, such as one for each action."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn


def mlp(sizes: Sequence[int], activation: type[nn.Module], generator: torch.Generator) -> nn.Sequential:
    """Return layers of these `sizes`, drawn from `generator` as PyTorch draws them: uniform within 1 / sqrt(inputs)."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
        with torch.no_grad():
            for weight in (layer.weight, layer.bias):
                weight.uniform_(-(inputs**-0.5), inputs**-0.5, generator=generator)
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1])
