"""The same sequences of digits by avalanche (Lomonaco et al., 2021): its strategies, on our network and budget.

Images, first weights, minibatches' size, passes, optimiser and what is asked are ours; what guards old tasks is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config_file import BadInput
from agents.learner import EPSILON
from agents.supervised.digits import SEQUENCES, TASKS, DigitTask, Examples
from agents.supervised.network import BRIGHTEST, DigitPolicy
from agents.supervised.sequence import Arm, Budget, Pupil

REMEDY = "avalanche is not installed; install it with: pip install 'palimpsest[proof]'"
REPLAY = "replay"
KINDS: Mapping[str, str] = {"ewc": "EWC", "si": "SynapticIntelligence", "lwf": "LwF", REPLAY: "Naive", "naive": "Naive"}
"""What avalanche calls our strategies; its replay is a plugin."""
DECLARED = ("nms", "qnms")
"""Operators that torchvision describes when it is imported, whether or not it has them."""


def require() -> None:
    """Import avalanche. Raises BadInput with the remedy if it isn't there."""
    try:
        _import_torchvision()
        import_module("avalanche.training.supervised")
    except ImportError as error:
        raise BadInput(f"{REMEDY} ({error})") from error


def learn(arm: Arm, seed: int, budget: Budget, *, validation: bool = False) -> NDArray[np.float64]:
    """Return R as `sequence.learn` does, learned with avalanche's strategy of the arm's name and settings."""
    tasks = SEQUENCES[arm.sequence](seed, validation=validation)
    born = Pupil(Arm(arm.sequence, "naive", {}), tasks, seed, budget).policy  # the same first weights
    network = _network(born)
    with torch.random.fork_rng(devices=[]):  # avalanche shuffles by the global generator
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
    heads.hidden, heads.output, heads.menus = born.hidden, born.output, born.menus
    return heads


def _name_digits(heads: Any, images: Tensor, task: int) -> Tensor:
    every: Tensor = heads.output(F.relu(heads.hidden(images)))
    return every[:, heads.menus[task]]


def _experiences(tasks: Sequence[DigitTask]) -> Any:
    """Return the training images as avalanche's stream."""
    make = import_module("avalanche.benchmarks.utils")._make_taskaware_tensor_classification_dataset
    sets = [make(_pixels(task.train), task.train.labels, task_labels=place) for place, task in enumerate(tasks)]
    benchmarks = import_module("avalanche.benchmarks")
    plain = benchmarks.benchmark_from_datasets(train=sets)
    return benchmarks.with_classes_timeline(benchmarks.with_task_labels(plain)).train_stream


def _rival(arm: Arm, network: nn.Module, budget: Budget) -> Any:
    """Return avalanche's strategy; it tells nobody how it goes."""
    kinds, plugins = import_module("avalanche.training.supervised"), import_module("avalanche.training.plugins")
    settings = dict(arm.settings)
    if arm.strategy == REPLAY:
        settings["plugins"] = [plugins.ReplayPlugin(**_buffer(budget))]
    return getattr(kinds, KINDS[arm.strategy])(
        model=network,
        optimizer=torch.optim.Adam(network.parameters(), lr=budget.rate, eps=EPSILON),
        criterion=nn.CrossEntropyLoss(),
        train_mb_size=budget.minibatch,
        train_epochs=budget.epochs,
        evaluator=plugins.EvaluationPlugin(),
        **settings,
    )


def _buffer(budget: Budget) -> Mapping[str, Any]:
    """Return the settings of a memory that keeps as many images of each task as ours."""
    storage = import_module("avalanche.training.storage_policy")
    size = budget.remembered * TASKS
    policy = storage.ExperienceBalancedBuffer(max_size=size, adaptive_size=False, num_experiences=TASKS)
    return {"mem_size": size, "storage_policy": policy}


@torch.no_grad()
def _accuracies(network: nn.Module, tasks: Sequence[DigitTask]) -> list[float]:
    """Return the part of each task's held-out images that is named rightly."""
    named = [_name_digits(network, _pixels(task.held_out), place).argmax(-1) for place, task in enumerate(tasks)]
    return [float((names == task.held_out.labels).double().mean()) for names, task in zip(named, tasks, strict=True)]


def _pixels(examples: Examples) -> Tensor:
    return examples.images.float() / BRIGHTEST
