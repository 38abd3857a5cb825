"""Estimate the memory that a run needs for its model, before loading it.

Variables: N weights of the pretrained model, n trained weights (adapter or all, and the value
head), b bytes per frozen weight (4, or 2 for bfloat16), L layers of width d with feed-forward
width f, vocabulary V, and a largest batch of B sentences of T tokens. Bytes:

    weights     b N; also with rank 0, where a copy is trained
    learned     4 n, and their gradients 4 n
    optimiser   8 n, two moments of Adam
    activations b B (T + 8) L (10 d + 2 f), with rank 0 L (13 d + 3 f), and 8 B 9 V for the probabilities of 8 tokens

The factors of the last line were measured on small models of five families; tests check them
to within a factor of 2. Strategies, memory and environments are not included.
"""

from __future__ import annotations

from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.config.algorithms import batch_size
from agents.models import MemoryEstimate, StoredModel

FLOAT, MOMENTS = 4, 2
PHRASE_TOKENS = 8
"""Assumed number of phrase tokens after each sentence."""
ADAPTED, WHOLE = (10, 2), (13, 3)
"""Stored activations per token and layer, in multiples of the width and of the feed-forward width."""
HALF = 2
"""Bytes of a bfloat16."""


def largest_batch(config: RunConfig) -> int:
    """Return the number of sentences in the run's largest minibatch."""
    rollout = config.learning.n_envs * config.learning.n_steps
    return min(batch_size(config.algorithm) or rollout, rollout)


def pretrained_estimate(
    model: StoredModel, learned: int, config: RunConfig, settings: PretrainedConfig
) -> MemoryEstimate:
    """Return the memory estimate for a pretrained model, of which the run trains `learned` weights."""
    weight_bytes = HALF if settings.dtype == "bfloat16" and settings.rank else FLOAT
    return MemoryEstimate(
        weights=model.weights * weight_bytes,
        learned=learned * FLOAT,
        gradients=learned * FLOAT,
        optimiser=learned * FLOAT * MOMENTS,
        activations=activations(model, largest_batch(config), settings, weight_bytes),
    )


def activations(model: StoredModel, sentences: int, settings: PretrainedConfig, weight_bytes: int) -> int:
    """Return the bytes of activations that a batch of maximum length stores for its backward pass."""
    width = model.setting("hidden_size", "n_embd", "d_model")
    layers = model.setting("num_hidden_layers", "n_layer", "num_layers")
    inner = model.setting("intermediate_size", "n_inner", "ffn_dim") or 4 * width
    widths, inners = ADAPTED if settings.rank else WHOLE
    tokens = sentences * (settings.context + PHRASE_TOKENS)
    probabilities = 2 * FLOAT * sentences * (1 + PHRASE_TOKENS) * model.setting("vocab_size")
    return weight_bytes * tokens * layers * (widths * width + inners * inner) + probabilities


def built_in_estimate(weights: int) -> MemoryEstimate:
    """Return the memory estimate for a built-in model of `weights` weights, all trained; activations count as 0."""
    return MemoryEstimate(0, weights * FLOAT, weights * FLOAT, weights * FLOAT * MOMENTS)
