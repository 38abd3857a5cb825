"""Online learning, sample by sample, against learning the same stream in batches.

Both are judged by prequential accuracy (Dawid, 1984; Gama et al., 2013): each image is asked before it is learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from agents.optimiser import EPSILON
from agents.supervised.digits import CLASSES, DigitTask, Examples, permuted
from agents.supervised.network import DigitPolicy, observed

BLOCK, EPOCHS, MINIBATCH, BATCH_RATE = 200, 8, 64, 1e-2
"""The batch learner learns anew after each block, from everything that it has seen."""
Step = Callable[[DigitPolicy, float], torch.optim.Optimizer]
OPTIMISERS: Mapping[str, Step] = {
    "sgd": lambda policy, rate: torch.optim.SGD(policy.parameters(), lr=rate),
    "adam": lambda policy, rate: torch.optim.Adam(policy.parameters(), lr=rate, eps=EPSILON),
}


@dataclass(frozen=True, slots=True)
class OnlineResult:
    """How learning from a stream went."""

    prequential: float
    """Part of the stream that was named rightly before it was learned from."""
    held_out: float
    """Part of the held-out images that is named rightly afterwards."""


def learn_online(optimiser: str, rate: float, seed: int, *, validation: bool = False) -> OnlineResult:
    """See every image once, one at a time; take one gradient step on each."""
    task, policy, _ = _begin(seed, validation=validation)
    step = OPTIMISERS[optimiser](policy, rate)
    right = 0
    for place in range(len(task.train)):
        logits = _logits(policy, task.train.images[place : place + 1])
        label = task.train.labels[place : place + 1]
        right += int(logits.argmax() == label)
        _descend(step, F.cross_entropy(logits, label))
    return OnlineResult(right / len(task.train), _accuracy(policy, task.held_out))


def learn_in_batches(seed: int, *, validation: bool = False) -> OnlineResult:
    """See the stream in blocks; after each, learn from scratch from all that was seen, in several passes."""
    task, policy, generator = _begin(seed, validation=validation)
    right = 0.0
    for start in range(0, len(task.train), BLOCK):
        seen, block = slice(start + BLOCK), slice(start, start + BLOCK)
        ahead = Examples(task.train.images[block], task.train.labels[block])
        right += _accuracy(policy, ahead) * len(ahead)
        _, policy, _ = _begin(seed, validation=validation)
        step = OPTIMISERS["adam"](policy, BATCH_RATE)
        for images, labels in _minibatches(task.train.images[seen], task.train.labels[seen], generator):
            _descend(step, F.cross_entropy(_logits(policy, images), labels))
    return OnlineResult(right / len(task.train), _accuracy(policy, task.held_out))


def _begin(seed: int, *, validation: bool) -> tuple[DigitTask, DigitPolicy, torch.Generator]:
    """Return the first permuted task, whose images come in random order, and a newborn network."""
    birth, shuffle = np.random.SeedSequence([seed, 4]).generate_state(2).tolist()
    policy = DigitPolicy(torch.Generator().manual_seed(birth))
    policy.add_task(0, [str(digit) for digit in range(CLASSES)])
    return permuted(seed, validation=validation)[0], policy, torch.Generator().manual_seed(shuffle)


def _minibatches(images: Tensor, labels: Tensor, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(labels), generator=generator).split(MINIBATCH):
            yield images[rows], labels[rows]


def _descend(step: torch.optim.Optimizer, loss: Tensor) -> None:
    step.zero_grad()
    loss.backward()
    step.step()


def _logits(policy: DigitPolicy, images: Tensor) -> Tensor:
    logits: Tensor = policy(observed(images, torch.zeros(len(images), dtype=torch.long)))[0].logits
    return logits


@torch.no_grad()
def _accuracy(policy: DigitPolicy, asked: Examples) -> float:
    return float((_logits(policy, asked.images).argmax(-1) == asked.labels).double().mean())
