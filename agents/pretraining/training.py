"""Next-token training of the built-in transformer on lines of text (Bengio et al., 2003; GPT).

Shapes: B lines of at most T tokens, width D, vocabulary V; N real tokens in a batch, without the first of each line.
"""

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
"""Lines per gradient step."""
RATE, FINAL_RATE, WARM_UP = 3e-3, 1e-4, 100
"""Maximum and final learning rate, and the steps of the linear warm-up."""
CLIP = 1.0
_EVALUATION_BATCH = 256


@dataclass(frozen=True, slots=True)
class PretrainingProgress:
    """The progress of a training run."""

    step: int
    perplexity: float
    """On the training batches since the last report."""


def tokenised(model: Transformer, lines: Sequence[str]) -> list[tuple[int, ...]]:
    """Return each line's tokens followed by the end token, cut to the model's number of positions."""
    return [(*model.tokenizer.encode(line), END)[: len(model.positions)] for line in lines]


def train(
    model: Transformer, lines: Sequence[Sequence[int]], steps: int, generator: torch.Generator, every: int = 250
) -> Iterator[PretrainingProgress]:
    """Take `steps` gradient steps on random lines of tokens; yield the progress every `every` steps."""
    adam = FlatAdam(model, betas=(0.9, 0.98))
    sums = torch.zeros(2)  # sum of the losses, and number of tokens, since the last report
    for step in range(1, steps + 1):
        chosen = torch.randint(len(lines), (BATCH,), generator=generator).tolist()
        losses = token_losses(model, Prompts.padded([lines[row] for row in chosen], model.tokens.device))
        adam.zero_grad()
        losses.mean().backward()
        clip([adam.gradient], CLIP, "the step size, RATE")
        adam.step(_learning_rate(step, steps))
        sums += torch.stack([losses.detach().sum(), torch.tensor(float(len(losses)))])
        if step % every == 0 or step == steps:
            yield PretrainingProgress(step, math.exp(float(sums[0] / sums[1])))
            sums = torch.zeros(2)


def token_losses(model: Transformer, prompts: Prompts) -> Tensor:
    """Return -log p of every real token but the first of each line, in order, (N,)."""
    states = hidden_states(model, prompts.tokens[:, :-1])  # (B, T - 1, D)
    targets = prompts.tokens[:, 1:]  # (B, T - 1)
    real = torch.arange(1, prompts.tokens.shape[1], device=targets.device) < prompts.lengths[:, None]
    # select the real tokens first: logits of padding would be most of the memory
    return F.cross_entropy(states[real] @ model.tokens.T, targets[real], reduction="none")


@torch.no_grad()
def perplexity(model: Transformer, lines: Sequence[Sequence[int]]) -> float:
    """Return exp of the mean negative log-probability of all tokens but the first of each line."""
    batches = [lines[start : start + _EVALUATION_BATCH] for start in range(0, len(lines), _EVALUATION_BATCH)]
    losses = [token_losses(model, Prompts.padded(batch, model.tokens.device)).double() for batch in batches]
    return float(torch.cat(losses).mean().exp())


def _learning_rate(step: int, steps: int) -> float:
    """Return the learning rate: linear warm-up, then cosine decay."""
    warm_up = min(WARM_UP, max(steps // 10, 1))
    if step <= warm_up:
        return RATE * step / warm_up
    fraction = (step - warm_up) / max(steps - warm_up, 1)
    return FINAL_RATE + (RATE - FINAL_RATE) * (1 + math.cos(math.pi * fraction)) / 2
