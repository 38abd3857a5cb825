"""Online learning, sample by sample, against learning the same stream in batches.

Both are evaluated by prequential accuracy (Dawid, 1984; Gama et al., 2013): each image is classified before it is
trained on. Shape: B images.
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
from agents.supervised.network import DigitPolicy, as_observations

BLOCK, EPOCHS, MINIBATCH, BATCH_RATE = 200, 8, 64, 1e-2
"""The batch learner retrains from scratch after each block, on all images so far."""
CreateOptimiser = Callable[[DigitPolicy, float], torch.optim.Optimizer]
OPTIMISERS: Mapping[str, CreateOptimiser] = {
    "sgd": lambda policy, rate: torch.optim.SGD(policy.parameters(), lr=rate),
    "adam": lambda policy, rate: torch.optim.Adam(policy.parameters(), lr=rate, eps=EPSILON),
}


@dataclass(frozen=True, slots=True)
class OnlineResult:
    """The accuracies of a learner on a stream."""

    prequential: float
    """Accuracy on each image of the stream before training on it."""
    held_out: float
    """Accuracy on the held-out images at the end."""


def learn_online(optimiser: str, rate: float, seed: int, *, validation: bool = False) -> OnlineResult:
    """Take one gradient step on each image of the stream, in order."""
    task, policy, _ = _begin(seed, validation=validation)
    torch_optimiser = OPTIMISERS[optimiser](policy, rate)
    correct = 0
    for index in range(len(task.train)):
        logits = _logits(policy, task.train.images[index : index + 1])
        label = task.train.labels[index : index + 1]
        correct += int(logits.argmax() == label)
        _gradient_step(torch_optimiser, F.cross_entropy(logits, label))
    return OnlineResult(correct / len(task.train), _accuracy(policy, task.held_out))


def learn_in_batches(seed: int, *, validation: bool = False) -> OnlineResult:
    """Retrain from scratch after each block of the stream, on all images so far, in several epochs."""
    task, policy, generator = _begin(seed, validation=validation)
    correct = 0.0
    for start in range(0, len(task.train), BLOCK):
        so_far, block = slice(start + BLOCK), slice(start, start + BLOCK)
        next_block = Examples(task.train.images[block], task.train.labels[block])
        correct += _accuracy(policy, next_block) * len(next_block)
        _, policy, _ = _begin(seed, validation=validation)
        torch_optimiser = OPTIMISERS["adam"](policy, BATCH_RATE)
        for images, labels in _minibatches(task.train.images[so_far], task.train.labels[so_far], generator):
            _gradient_step(torch_optimiser, F.cross_entropy(_logits(policy, images), labels))
    return OnlineResult(correct / len(task.train), _accuracy(policy, task.held_out))


def _begin(seed: int, *, validation: bool) -> tuple[DigitTask, DigitPolicy, torch.Generator]:
    """Return the first permuted task, an untrained network, and the generator of minibatches."""
    init_seed, shuffle_seed = np.random.SeedSequence([seed, 4]).generate_state(2).tolist()
    policy = DigitPolicy(torch.Generator().manual_seed(init_seed))
    policy.add_task(0, [str(digit) for digit in range(CLASSES)])
    return permuted(seed, validation=validation)[0], policy, torch.Generator().manual_seed(shuffle_seed)


def _minibatches(images: Tensor, labels: Tensor, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(labels), generator=generator).split(MINIBATCH):
            yield images[rows], labels[rows]


def _gradient_step(torch_optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    torch_optimiser.zero_grad()
    loss.backward()
    torch_optimiser.step()


def _logits(policy: DigitPolicy, images: Tensor) -> Tensor:
    logits: Tensor = policy(as_observations(images, torch.zeros(len(images), dtype=torch.long)))[0].logits
    return logits


@torch.no_grad()
def _accuracy(policy: DigitPolicy, examples: Examples) -> float:
    return float((_logits(policy, examples.images).argmax(-1) == examples.labels).double().mean())
