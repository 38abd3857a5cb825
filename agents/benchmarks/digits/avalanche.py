"""Train on the digit sequences with avalanche's strategies (Lomonaco et al., 2021).

Images, initial weights, minibatch size, epochs, optimiser and evaluation are ours; the strategy is avalanche's.
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

from agents.benchmarks.digits.avalanche_strategies import PLUGINS, STRATEGIES
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
"""Operators that torchvision registers at import, even where its compiled library is missing."""


def require() -> None:
    """Import avalanche. Raises BadInput with the remedy if it is not installed."""
    try:
        with _suppressed_warnings():
            _import_torchvision()
            import_module("avalanche.training.supervised")
    except ImportError as error:
        raise BadInput(f"{REMEDY} ({error})") from error


def learn(arm: DigitArm, seed: int, budget: Budget, *, validation: bool = False) -> NDArray[np.float64]:
    """Return the evaluation matrix R, (K + 1, K) for K tasks, as `sequence.learn` does, with avalanche's strategy."""
    tasks = SEQUENCES[arm.sequence](seed, validation=validation)
    # initialised like ours, so that both start from the same weights
    network = _network(DigitAgent(DigitArm(arm.sequence, "naive", {}), tasks, seed, budget).policy)
    with _suppressed_warnings(), torch.random.fork_rng(devices=[]):  # avalanche shuffles by the global generator
        torch.manual_seed(seed)
        learner = _learner(arm, network, budget)
        rows = [_accuracies(network, tasks)]
        for stage, experience in enumerate(_experiences(tasks)):
            learner.optimizer.state.clear()
            for plugin in learner.plugins:
                if hasattr(plugin, "batch_size_mem"):  # a minibatch of each earlier task
                    plugin.batch_size_mem = budget.minibatch * max(stage, 1)
            learner.train(experience)
            rows.append(_accuracies(network, tasks))
    return np.array(rows)


def _suppressed_warnings() -> warnings.catch_warnings[Any]:
    """Suppress avalanche's warnings, and restore the filters that it changes.

    Each of its deprecated calls prepends a filter that shows the warning, so ignoring is not enough: the warnings are
    recorded, and the record is dropped.
    """
    return warnings.catch_warnings(record=True, action="ignore")


def _import_torchvision() -> None:
    """Import torchvision, which avalanche needs for its own data sets.

    Its wheel from PyPI is compiled for CUDA, so its operators do not load into a CPU build of torch. Avalanche's
    strategies do not use them; declaring them without an implementation lets the import succeed.
    """
    try:
        import_module("torchvision")
    except RuntimeError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in DECLARED:
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _LIBRARIES.append(library)
        import_module("torchvision")


_LIBRARIES: list[Any] = []
"""References to the declarations, which end when the library object is deleted."""


def _network(policy: DigitPolicy) -> nn.Module:
    """Return the policy's layers as a network of avalanche, with the outputs of each task's digits."""
    kind = import_module("avalanche.models").MultiTaskModule
    heads: nn.Module = type("Heads", (kind,), {"forward_single_task": _task_logits})()
    heads.hidden, heads.output, heads.action_sets = policy.hidden, policy.output, policy.action_sets
    return heads


def _task_logits(heads: Any, images: Tensor, task: int) -> Tensor:
    """Return the logits (B, A) of the A digits of a task, from images (B, 64)."""
    logits: Tensor = heads.output(F.relu(heads.hidden(images)))
    return logits[:, heads.action_sets[task]]


def _experiences(tasks: Sequence[DigitTask]) -> Any:
    """Return the training images as a stream of avalanche, one experience per task."""
    make = import_module("avalanche.benchmarks.utils")._make_taskaware_tensor_classification_dataset
    sets = [make(_pixels(task.train), task.train.labels, task_labels=task_id) for task_id, task in enumerate(tasks)]
    benchmarks = import_module("avalanche.benchmarks")
    stream = benchmarks.benchmark_from_datasets(train=sets)
    return benchmarks.with_classes_timeline(benchmarks.with_task_labels(stream)).train_stream


def _learner(arm: DigitArm, network: nn.Module, budget: Budget) -> Any:
    """Return avalanche's learner with the plugin of the arm, without loggers."""
    return import_module("avalanche.training.supervised").Naive(
        model=network,
        optimizer=torch.optim.Adam(network.parameters(), lr=budget.rate, eps=EPSILON),
        criterion=nn.CrossEntropyLoss(),
        train_mb_size=budget.minibatch,
        train_epochs=budget.epochs,
        evaluator=import_module(PLUGINS).EvaluationPlugin(),
        plugins=[STRATEGIES[arm.strategy].build(arm.settings, budget)],
    )


@torch.no_grad()
def _accuracies(network: nn.Module, tasks: Sequence[DigitTask]) -> list[float]:
    """Return the accuracy on the held-out images of each task."""
    found = [_task_logits(network, _pixels(task.held_out), task_id).argmax(-1) for task_id, task in enumerate(tasks)]
    return [float((digits == task.held_out.labels).double().mean()) for digits, task in zip(found, tasks, strict=True)]


def _pixels(examples: Examples) -> Tensor:
    return examples.images.float() / BRIGHTEST
