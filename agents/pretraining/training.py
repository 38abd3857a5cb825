"""Next-token training of the built-in transformer on lines of text (Bengio et al., 2003; GPT)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.language import Prompts
from agents.language.reference_transformer import hidden_states
from agents.language.tokenizer import END
from agents.language.transformer import Transformer
from agents.optimiser import FlatAdam, clip

BATCH = 32
"""Lines of a gradient step."""
RATE, FINAL_RATE, WARM_UP = 3e-3, 1e-4, 100
"""Highest and last step size, and the steps until the highest."""
CLIP = 1.0
_READ_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class PretrainingProgress:
    """How a training goes."""

    step: int
    perplexity: float
    """On the batches since it was last told."""


def tokenised(model: Transformer, lines: Sequence[str]) -> list[tuple[int, ...]]:
    """Return each line's tokens with the end behind them, cut to the positions that the model has."""
    return [(*model.tokenizer.encode(line), END)[: len(model.positions)] for line in lines]


def train(
    model: Transformer, lines: Sequence[Sequence[int]], steps: int, generator: torch.Generator, every: int = 250
) -> Iterator[PretrainingProgress]:
    """Take `steps` gradient steps on lines of tokens, drawn from `generator`; tell of each `every` steps."""
    adam = FlatAdam(model, betas=(0.9, 0.98))
    sums = torch.zeros(2)
    for step in range(1, steps + 1):
        chosen = torch.randint(len(lines), (BATCH,), generator=generator).tolist()
        td_error = token_losses(model, Prompts.padded([lines[row] for row in chosen], model.tokens.device))
        adam.zero()
        td_error.mean().backward()
        clip([adam.gradient], CLIP, "the step size, RATE")
        adam.step(_rate(step, steps))
        sums += torch.stack([td_error.detach().sum(), torch.tensor(float(len(td_error)))])
        if step % every == 0 or step == steps:
            yield PretrainingProgress(step, math.exp(float(sums[0] / sums[1])))
            sums = torch.zeros(2)


def token_losses(model: Transformer, prompts: Prompts) -> Tensor:
    """Return -log p of every real token but the first of each line, in order, (N,)."""
    states = hidden_states(model, prompts.tokens[:, :-1])
    targets = prompts.tokens[:, 1:]
    real = torch.arange(1, prompts.tokens.shape[1], device=targets.device) < prompts.lengths[:, None]
    return F.cross_entropy(states[real] @ model.tokens.T, targets[real], reduction="none")


@torch.no_grad()
def perplexity(model: Transformer, lines: Sequence[Sequence[int]]) -> float:
    """Return exp of the mean surprise at each token but the first of a line."""
    parts = [lines[start : start + _READ_AT_ONCE] for start in range(0, len(lines), _READ_AT_ONCE)]
    told = [token_losses(model, Prompts.padded(part, model.tokens.device)).double() for part in parts]
    return float(torch.cat(told).mean().exp())


def _rate(step: int, steps: int) -> float:
    """Return the step size: it rises, then falls along half a cosine."""
    warm_up = min(WARM_UP, max(steps // 10, 1))
    if step <= warm_up:
        return RATE * step / warm_up
    part = (step - warm_up) / max(steps - warm_up, 1)
    return FINAL_RATE + (RATE - FINAL_RATE) * (1 + math.cos(math.pi * part)) / 2
