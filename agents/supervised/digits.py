"""Scikit-learn's 1,797 handwritten digits (8 × 8 pixels from 0 to 16) as a sequence of tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

PIXELS, CLASSES, TASKS = 64, 10, 5
TEST, VALIDATION = 360, 240
"""Images kept for the figures, and images on which settings are chosen; the other 1,197 are learned from."""


@dataclass(frozen=True, slots=True)
class Examples:
    """B images with their labels."""

    images: Tensor
    """(B, 64) whole numbers from 0 to 16."""
    labels: Tensor
    """(B,) places in the task's menu."""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class DigitTask:
    """One task: what is learned from, and what is asked afterwards."""

    menu: tuple[int, ...]
    """The digits to choose among."""
    train: Examples
    held_out: Examples


def permuted(seed: int, *, validation: bool) -> list[DigitTask]:
    """Return five tasks whose pixels are shuffled, each task in a way of its own (Goodfellow et al., 2014).

    The first is shuffled, too. With `validation` the questions come from the validation images.
    """
    train, held_out = _parts(seed, validation=validation)
    random = np.random.default_rng([seed, 1])
    orders = [torch.from_numpy(random.permutation(PIXELS)) for _ in range(TASKS)]
    menu = tuple(range(CLASSES))
    return [DigitTask(menu, _reordered(train, order), _reordered(held_out, order)) for order in orders]


def split(seed: int, *, validation: bool) -> list[DigitTask]:
    """Return five tasks of two digits each, in a random order; the task says which two (van de Ven et al., 2022)."""
    train, held_out = _parts(seed, validation=validation)
    order = np.random.default_rng([seed, 2]).permutation(CLASSES).tolist()
    pairs = [(order[place], order[place + 1]) for place in range(0, CLASSES, 2)]
    return [DigitTask(pair, _only(train, pair), _only(held_out, pair)) for pair in pairs]


SEQUENCES: Mapping[str, Callable[..., list[DigitTask]]] = {"permuted": permuted, "split": split}


def _parts(seed: int, *, validation: bool) -> tuple[Examples, Examples]:
    """Return what to learn from and what to ask; the test images are the same 360 whatever the seed."""
    bunch = load_digits()
    images, labels = torch.from_numpy(bunch.data).long(), torch.from_numpy(bunch.target).long()
    order = np.random.default_rng(0).permutation(len(labels))
    test, rest = order[:TEST], np.random.default_rng([seed, 0]).permutation(order[TEST:])
    asked = rest[:VALIDATION] if validation else test
    known = rest[VALIDATION:]
    return Examples(images[known], labels[known]), Examples(images[asked], labels[asked])


def _reordered(examples: Examples, order: Tensor) -> Examples:
    return Examples(examples.images[:, order], examples.labels)


def _only(examples: Examples, pair: tuple[int, int]) -> Examples:
    """Keep two digits; a label becomes the place of its digit in the pair."""
    rows = (examples.labels == pair[0]) | (examples.labels == pair[1])
    return Examples(examples.images[rows], (examples.labels[rows] == pair[1]).long())
