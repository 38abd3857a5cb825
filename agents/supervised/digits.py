"""Scikit-learn's 1,797 handwritten digits (8 × 8 pixels from 0 to 16) as a sequence of tasks. Shape: B images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

PIXELS, CLASSES, TASKS = 64, 10, 5
TEST, VALIDATION = 360, 240
"""Number of test images, and of validation images to choose settings on; the other 1,197 are for training."""


@dataclass(frozen=True, slots=True)
class Examples:
    """B images with their labels."""

    images: Tensor
    """(B, 64) integers from 0 to 16."""
    labels: Tensor
    """(B,) indices into the task's menu."""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class DigitTask:
    """One classification task with its training and held-out images."""

    menu: tuple[int, ...]
    """The digits to choose from; a label is an index into it."""
    train: Examples
    held_out: Examples


def permuted(seed: int, *, validation: bool) -> list[DigitTask]:
    """Return five tasks, each with its own permutation of the pixels (Goodfellow et al., 2014).

    The first task is permuted, too. With `validation`, the held-out images are the validation images.
    """
    train, held_out = _split_images(seed, validation=validation)
    rng = np.random.default_rng([seed, 1])
    orders = [torch.from_numpy(rng.permutation(PIXELS)) for _ in range(TASKS)]
    menu = tuple(range(CLASSES))
    return [DigitTask(menu, _permuted(train, order), _permuted(held_out, order)) for order in orders]


def split(seed: int, *, validation: bool) -> list[DigitTask]:
    """Return five tasks of two digits each, in a random order; the task says which two (van de Ven et al., 2022)."""
    train, held_out = _split_images(seed, validation=validation)
    order = np.random.default_rng([seed, 2]).permutation(CLASSES).tolist()
    digit_pairs = [(order[index], order[index + 1]) for index in range(0, CLASSES, 2)]
    return [DigitTask(digits, _with_digits(train, digits), _with_digits(held_out, digits)) for digits in digit_pairs]


SEQUENCES: Mapping[str, Callable[..., list[DigitTask]]] = {"permuted": permuted, "split": split}


def _split_images(seed: int, *, validation: bool) -> tuple[Examples, Examples]:
    """Return training and held-out images; the test images are the same 360 for every seed."""
    dataset = load_digits()
    images, labels = torch.from_numpy(dataset.data).long(), torch.from_numpy(dataset.target).long()
    order = np.random.default_rng(0).permutation(len(labels))
    test, rest = order[:TEST], np.random.default_rng([seed, 0]).permutation(order[TEST:])
    held_out = rest[:VALIDATION] if validation else test
    training = rest[VALIDATION:]
    return Examples(images[training], labels[training]), Examples(images[held_out], labels[held_out])


def _permuted(examples: Examples, order: Tensor) -> Examples:
    return Examples(examples.images[:, order], examples.labels)


def _with_digits(examples: Examples, digits: tuple[int, int]) -> Examples:
    """Select the images of two digits; labels become indices into the pair."""
    rows = (examples.labels == digits[0]) | (examples.labels == digits[1])
    return Examples(examples.images[rows], (examples.labels[rows] == digits[1]).long())
