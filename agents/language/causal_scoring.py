"""Score phrases after prompts with any causal transformer; each prompt is read once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from agents.language import Prompts
from agents.language.batch_layout import BatchLayout
from agents.language.phrase_tree import PhraseTree

PROBE = (5, 3, 7, 2, 6)
"""Tokens that any vocabulary has."""
_PHRASES = ((4, 6), (8,), (4, 3, 9))
_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.3}
_UNFIT = (RuntimeError, ValueError, TypeError, AttributeError, KeyError, IndexError, NotImplementedError)
"""What a model may raise that is asked in a way it does not know."""


def states(model: Any, prompts: Prompts, tree: PhraseTree | None, words: Tensor | None = None) -> Tensor:
    """Return the hidden states at each prompt's end and at each node of the tree, (B, 1 + M, D).

    `words` (T, D) are read in place of the embeddings of a single prompt's own tokens.
    """
    sheet = BatchLayout.lay(prompts, tree, 1)
    inputs = model.get_input_embeddings()(sheet.tokens)  # (B, S, D)
    if words is not None:
        inputs = torch.cat([words[None], inputs[:, len(words) :]], 1)
    hidden = model.base_model(
        inputs_embeds=inputs,
        attention_mask=_sight(model.config, sheet, inputs),
        position_ids=sheet.places,
        use_cache=False,
    ).last_hidden_state
    asked: Tensor = hidden.gather(1, sheet.query_cells[..., None].expand(-1, -1, hidden.shape[-1]))
    return asked


def logits(model: Any, hidden: Tensor) -> Tensor:
    """Return what the model's head makes of hidden states, (..., V), in float32."""
    config = model.config
    told: Tensor = model.get_output_embeddings()(hidden).float()
    told = told * (getattr(config, "logit_scale", None) or 1.0) / (getattr(config, "logits_scaling", None) or 1.0)
    cap = getattr(config, "final_logit_softcapping", None)
    return told if cap is None else cap * torch.tanh(told / cap)


def plain_score(model: Any, prompts: Prompts, phrases: tuple[tuple[int, ...], ...]) -> Tensor:
    """Return log p(phrase | prompt), (B, A), with one pass of the whole model per phrase, as a control."""
    told = []
    for row, length in zip(prompts.tokens, prompts.lengths.tolist(), strict=True):
        for phrase in phrases:
            tokens = torch.cat([row[:length], row.new_tensor(phrase)])
            log_probs = model(input_ids=tokens[None], use_cache=False).logits[0].float().log_softmax(-1)
            told.append(log_probs[length - 1 : -1].gather(1, tokens[length:, None]).sum())
    return torch.stack(told).view(len(prompts), len(phrases))


def tree_log_probs(model: Any, hidden: Tensor, tree: PhraseTree) -> Tensor:
    """Return the log-probability of each token of each phrase, (B, A, L), 0 where a phrase is over."""
    log_probs = logits(model, hidden).log_softmax(-1)  # (B, 1 + M, V)
    return log_probs[:, tree.places, tree.targets] * tree.real


@torch.no_grad()
def check(model: Any, source: str) -> None:
    """Raise ValueError unless phrases scored together are what each is alone: some models cannot be read so."""
    prompts = Prompts.padded([PROBE, PROBE[:3]], model.get_input_embeddings().weight.device)
    tree = PhraseTree.grow(_PHRASES, prompts.tokens.device)
    try:
        together = tree_log_probs(model, states(model, prompts, tree), tree).sum(-1)
        alone = plain_score(model, prompts, _PHRASES)
    except _UNFIT as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise ValueError(f"model.source: {source!r} cannot score phrases ({said}); choose another model") from error
    apart = float((together - alone).abs().max())
    if not apart <= _TOLERANCE[model.get_input_embeddings().weight.dtype]:
        raise ValueError(
            f"model.source: {source!r} does not read from left to right by attention alone: phrases that share "
            f"a prompt score {apart:.2g} apart; choose another model"
        )


def _sight(config: Any, sheet: BatchLayout, inputs: Tensor) -> Any:
    """Return what each cell sees, (B, 1, S, S), to add to attention scores; a table of them where layers differ."""
    lowest = torch.finfo(inputs.dtype).min
    size = sheet.tokens.shape[1]
    seen = sheet.blind.expand(len(sheet.tokens), size, size)[:, None].clamp(min=lowest).to(inputs.dtype)
    window = getattr(config, "sliding_window", None)
    if not window or size <= window or getattr(config, "use_sliding_window", True) is False:
        return seen
    behind = sheet.places[:, None, :, None] - sheet.places[:, None, None, :]
    near = seen.masked_fill(behind >= window, lowest)
    kinds = set(getattr(config, "layer_types", None) or ("sliding_attention",))
    if kinds == {"sliding_attention"}:
        return near
    return {"full_attention": seen, "sliding_attention": near}
