"""Estimate the memory that a run needs for its model, before loading it.

With N weights brought along, n of them or of the adapter and the value head learned, b
bytes a weight that stays (4, or 2 for bfloat16), L layers of width d whose feed-forward
nets are f wide, a vocabulary of V, and a largest batch of B sentences of T tokens:

    weights     b N; with rank 0, too: what learns is a copy
    learned     4 n, and their gradients 4 n
    optimiser   8 n, two moments of Adam
    activations b B (T + 8) L (10 d + 2 f), with rank 0 L (13 d + 3 f), and 8 B 9 V for the probabilities of 8 words

The factors of the last line were counted on small models of five families; tests hold them
to within a factor of 2. Strategies, memory and worlds come on top.
"""

from __future__ import annotations

from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.config.algorithms import batch_size
from agents.models import MemoryEstimate, StoredModel

FLOAT, MOMENTS = 4, 2
PHRASES = 8
"""Words of phrases that are read after each sentence, for want of a better guess."""
ADAPTED, WHOLE = (10, 2), (13, 3)
"""Numbers that a token leaves in a layer for gradients: so many widths, and so many widths of the feed-forward net."""
HALF = 2
"""Bytes of a number in bfloat16."""


def largest_batch(config: RunConfig) -> int:
    """Return the sentences of the run's largest gradient step."""
    rollout = config.learning.n_envs * config.learning.n_steps
    return min(batch_size(config.algorithm) or rollout, rollout)


def with_adapter(model: StoredModel, learned: int, config: RunConfig, settings: PretrainedConfig) -> MemoryEstimate:
    """Return what a pretrained model takes of which `learned` weights are learned."""
    each = HALF if settings.dtype == "bfloat16" and settings.rank else FLOAT
    return MemoryEstimate(
        weights=model.weights * each,
        learned=learned * FLOAT,
        gradients=learned * FLOAT,
        optimiser=learned * FLOAT * MOMENTS,
        activations=activations(model, largest_batch(config), settings, each),
    )


def activations(model: StoredModel, sentences: int, settings: PretrainedConfig, each: int) -> int:
    """Return the bytes that a batch leaves behind for its gradients if every sentence is as long as can be."""
    width = model.setting("hidden_size", "n_embd", "d_model")
    layers = model.setting("num_hidden_layers", "n_layer", "num_layers")
    inner = model.setting("intermediate_size", "n_inner", "ffn_dim") or 4 * width
    widths, inners = ADAPTED if settings.rank else WHOLE
    tokens = sentences * (settings.context + PHRASES)
    probabilities = 2 * FLOAT * sentences * (1 + PHRASES) * model.setting("vocab_size")
    return each * tokens * layers * (widths * width + inners * inner) + probabilities


def learned_from_scratch(weights: int) -> MemoryEstimate:
    """Return what a built-in body takes, of which every weight is learned; its batches are small beside it."""
    return MemoryEstimate(0, weights * FLOAT, weights * FLOAT, weights * FLOAT * MOMENTS)
