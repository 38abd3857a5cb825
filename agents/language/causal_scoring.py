"""Score phrases after prompts with any causal transformer of `transformers`; each prompt is read once.

Shapes: B prompts of T tokens, A phrases of at most L tokens in a tree of M nodes, S = T + M cells, width D,
vocabulary V.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from agents.language import Prompts
from agents.language.batch_layout import BatchLayout
from agents.language.phrase_tree import PhraseTree

PROBE = (5, 3, 7, 2, 6)
"""Token ids of a test prompt, so small that any vocabulary has them."""
_PHRASES = ((4, 6), (8,), (4, 3, 9))
_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.3}
_MODEL_ERRORS = (RuntimeError, ValueError, TypeError, AttributeError, KeyError, IndexError, NotImplementedError)
"""Exceptions of models that do not support the arguments they are called with."""


def states(model: Any, prompts: Prompts, tree: PhraseTree | None, words: Tensor | None = None) -> Tensor:
    """Return the hidden states at each prompt's last token and at each node of the tree, (B, 1 + M, D).

    `words` (T, D) replace the token embeddings of a single prompt.
    """
    layout = BatchLayout.build(prompts, tree, 1)  # one mask for all heads
    inputs = model.get_input_embeddings()(layout.tokens)  # (B, S, D)
    if words is not None:
        inputs = torch.cat([words[None], inputs[:, len(words) :]], 1)
    hidden = model.base_model(
        inputs_embeds=inputs,
        attention_mask=_attention_mask(model.config, layout, inputs),
        position_ids=layout.positions,
        use_cache=False,
    ).last_hidden_state  # (B, S, D)
    queried: Tensor = hidden.gather(1, layout.query_cells[..., None].expand(-1, -1, hidden.shape[-1]))
    return queried


def logits(model: Any, hidden: Tensor) -> Tensor:
    """Return the model's logits (..., V) from hidden states (..., D), in float32."""
    config = model.config
    scores: Tensor = model.get_output_embeddings()(hidden).float()
    # families scale or cap their logits outside the output embedding: Cohere, Granite, Gemma 2
    scores = scores * (getattr(config, "logit_scale", None) or 1.0) / (getattr(config, "logits_scaling", None) or 1.0)
    cap = getattr(config, "final_logit_softcapping", None)
    return scores if cap is None else cap * torch.tanh(scores / cap)


def plain_score(model: Any, prompts: Prompts, phrases: tuple[tuple[int, ...], ...]) -> Tensor:
    """Return log p(phrase | prompt), (B, A), with one forward pass per prompt and phrase: the reference for tests."""
    scores = []
    for row, length in zip(prompts.tokens, prompts.lengths.tolist(), strict=True):
        for phrase in phrases:
            tokens = torch.cat([row[:length], row.new_tensor(phrase)])
            log_probs = model(input_ids=tokens[None], use_cache=False).logits[0].float().log_softmax(-1)
            scores.append(log_probs[length - 1 : -1].gather(1, tokens[length:, None]).sum())
    return torch.stack(scores).view(len(prompts), len(phrases))


def tree_log_probs(model: Any, hidden: Tensor, tree: PhraseTree) -> Tensor:
    """Return the log-probability of each phrase's tokens, (B, A, L), 0 for padding, from states (B, 1 + M, D)."""
    log_probs = logits(model, hidden).log_softmax(-1)  # (B, 1 + M, V)
    return log_probs[:, tree.queries, tree.targets] * tree.real


@torch.no_grad()
def check(model: Any, source: str) -> None:
    """Raise ValueError unless phrases get the same scores in one shared pass as in separate ones.

    They do not if the model is no pure attention model, or ignores a custom mask or positions.
    """
    prompts = Prompts.padded([PROBE, PROBE[:3]], model.get_input_embeddings().weight.device)
    tree = PhraseTree.build(_PHRASES, prompts.tokens.device)
    try:
        shared = tree_log_probs(model, states(model, prompts, tree), tree).sum(-1)
        separate = plain_score(model, prompts, _PHRASES)
    except _MODEL_ERRORS as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise ValueError(f"model.source: {source!r} cannot score phrases ({reason}); choose another model") from error
    difference = float((shared - separate).abs().max())
    if not difference <= _TOLERANCE[model.get_input_embeddings().weight.dtype]:
        raise ValueError(
            f"model.source: {source!r} does not read from left to right by attention alone: the scores of phrases "
            f"that share a prompt differ by {difference:.2g}; choose another model"
        )


def _attention_mask(config: Any, layout: BatchLayout, inputs: Tensor) -> Any:
    """Return the mask (B, 1, S, S) to add to attention scores; a dict of masks by layer type if layers differ."""
    lowest = torch.finfo(inputs.dtype).min
    size = layout.tokens.shape[1]
    # the lowest finite number instead of -inf, as in the masks that transformers builds
    full = layout.mask.expand(len(layout.tokens), size, size)[:, None].clamp(min=lowest).to(inputs.dtype)
    window = getattr(config, "sliding_window", None)
    if not window or size <= window or getattr(config, "use_sliding_window", True) is False:
        return full
    distance = layout.positions[:, None, :, None] - layout.positions[:, None, None, :]  # (B, 1, S, S)
    sliding = full.masked_fill(distance >= window, lowest)
    kinds = set(getattr(config, "layer_types", None) or ("sliding_attention",))
    if kinds == {"sliding_attention"}:
        return sliding
    return {"full_attention": full, "sliding_attention": sliding}
