"""The same digit sequences run with avalanche's strategies (Lomonaco et al., 2021), same network and budget.

Images, first weights, minibatches' size, passes, optimiser and what is asked are ours; what guards old tasks is theirs.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from agents.benchmarks.digits.avalanche_strategies import GUARDS, PLUGINS
from agents.errors import BadInput
from agents.optimiser import EPSILON
from agents.supervised.digits import SEQUENCES, DigitTask, Examples
from agents.supervised.network import BRIGHTEST, DigitPolicy
from agents.supervised.sequence import Budget, DigitAgent, DigitArm

REMEDY = (
    "avalanche, or something that it needs, is not installed; install it with: "
    "pip install -c constraints.txt 'palimpsest[proof]'"
)
DECLARED = ("nms", "qnms")
"""Operators that torchvision describes when it is imported, whether or not it has them."""


def require() -> None:
    """Import avalanche. Raises BadInput with the remedy if it isn't there."""
    try:
        with _quietly():
            _import_torchvision()
            import_module("avalanche.training.supervised")
    except ImportError as error:
        raise BadInput(f"{REMEDY} ({error})") from error


def learn(arm: DigitArm, seed: int, budget: Budget, *, validation: bool = False) -> NDArray[np.float64]:
    """Return R as `sequence.learn` does, learned with the guard that the arm names."""
    tasks = SEQUENCES[arm.sequence](seed, validation=validation)
    born = DigitAgent(DigitArm(arm.sequence, "naive", {}), tasks, seed, budget).policy  # the same first weights
    network = _network(born)
    with _quietly(), torch.random.fork_rng(devices=[]):  # avalanche shuffles by the global generator
        torch.manual_seed(seed)
        rival = _rival(arm, network, budget)
        rows = [_accuracies(network, tasks)]
        for place, experience in enumerate(_experiences(tasks)):
            rival.optimizer.state.clear()
            for plugin in rival.plugins:
                if hasattr(plugin, "batch_size_mem"):  # as many of each earlier task as in a minibatch
                    plugin.batch_size_mem = budget.minibatch * max(place, 1)
            rival.train(experience)
            rows.append(_accuracies(network, tasks))
    return np.array(rows)


def _quietly() -> warnings.catch_warnings[Any]:
    """Keep to oneself what avalanche warns its own authors of, and undo what it does to Python's filters.

    With each of its deprecated calls it puts a filter first that shows the warning: so they are recorded, and nobody
    reads the record.
    """
    return warnings.catch_warnings(record=True, action="ignore")


def _import_torchvision() -> None:
    """Import torchvision, which avalanche needs for its own data sets.

    Its wheel from PyPI is compiled for CUDA, and beside a CPU build of torch its operators don't load. Avalanche's
    strategies use none of them; declared without a body, they let the import pass.
    """
    try:
        import_module("torchvision")
    except RuntimeError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in DECLARED:
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)
        import_module("torchvision")


_KEPT: list[Any] = []
"""What has to outlive the import."""


def _network(born: DigitPolicy) -> nn.Module:
    """Return the policy's network as avalanche knows networks, with outputs for the digits that each task offers."""
    kind = import_module("avalanche.models").MultiTaskModule
    heads: nn.Module = type("Heads", (kind,), {"forward_single_task": _name_digits})()
    heads.hidden, heads.output, heads.action_sets = born.hidden, born.output, born.action_sets
    return heads


def _name_digits(heads: Any, images: Tensor, task: int) -> Tensor:
    every: Tensor = heads.output(F.relu(heads.hidden(images)))
    return every[:, heads.action_sets[task]]


def _experiences(tasks: Sequence[DigitTask]) -> Any:
    """Return the training images as avalanche's stream."""
    make = import_module("avalanche.benchmarks.utils")._make_taskaware_tensor_classification_dataset
    sets = [make(_pixels(task.train), task.train.labels, task_labels=place) for place, task in enumerate(tasks)]
    benchmarks = import_module("avalanche.benchmarks")
    plain = benchmarks.benchmark_from_datasets(train=sets)
    return benchmarks.with_classes_timeline(benchmarks.with_task_labels(plain)).train_stream


def _rival(arm: DigitArm, network: nn.Module, budget: Budget) -> Any:
    """Return avalanche's learner with the guard; it tells nobody how it goes."""
    return import_module("avalanche.training.supervised").Naive(
        model=network,
        optimizer=torch.optim.Adam(network.parameters(), lr=budget.rate, eps=EPSILON),
        criterion=nn.CrossEntropyLoss(),
        train_mb_size=budget.minibatch,
        train_epochs=budget.epochs,
        evaluator=import_module(PLUGINS).EvaluationPlugin(),
        plugins=[GUARDS[arm.strategy].build(arm.settings, budget)],
    )


@torch.no_grad()
def _accuracies(network: nn.Module, tasks: Sequence[DigitTask]) -> list[float]:
    """Return the part of each task's held-out images that is named rightly."""
    named = [_name_digits(network, _pixels(task.held_out), place).argmax(-1) for place, task in enumerate(tasks)]
    return [float((names == task.held_out.labels).double().mean()) for names, task in zip(named, tasks, strict=True)]


def _pixels(examples: Examples) -> Tensor:
    return examples.images.float() / BRIGHTEST
