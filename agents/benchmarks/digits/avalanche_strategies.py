"""Strategies of avalanche 0.6: its plugins as shipped, and corrected to match the papers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from agents.supervised.digits import TASKS
from agents.supervised.sequence import Budget

PLUGINS, STORAGE = "avalanche.training.plugins", "avalanche.training.storage_policy"
Settings = Mapping[str, Any]
Build = Callable[[Settings, Budget], Any]


@dataclass(frozen=True, slots=True)
class AvalancheStrategy:
    """A plugin of avalanche, and the strategy of ours that it is compared with."""

    ours: str
    build: Build
    """Creates the plugin."""
    correction: str = ""
    """How it was changed from the shipped plugin."""
    difference: str = ""
    """Why it is another algorithm than ours, so that the comparison has no goal."""


def _shipped(name: str) -> Build:
    return lambda settings, budget: getattr(import_module(PLUGINS), name)(**settings)


def _by_image(settings: Settings, budget: Budget) -> Any:
    """Return EWC that squares the gradient of one image at a time, not the mean gradient of a minibatch."""
    kind = import_module(PLUGINS).EWCPlugin

    def compute_importances(self: Any, *given: Any, **options: Any) -> Any:
        *rest, _minibatch = given
        return kind.compute_importances(self, *rest, 1, **options)

    return type("ByImage", (kind,), {"compute_importances": compute_importances})(**settings)


def _copied(settings: Settings, budget: Budget) -> Any:
    """Return synaptic intelligence that stores copies of the old weights.

    `extract_weights` stores `param.detach().cpu().flatten()`: on a CPU that is a view of the weight that is trained.
    """
    return _copying()(**settings)


def _uncapped(settings: Settings, budget: Budget) -> Any:
    """Return the same, without the cap of 0.001 on every importance in `after_training_exp`."""
    kind = _copying()

    def after_training_exp(self: Any, strategy: Any, **options: Any) -> None:
        arguments = (self.ewc_data, self.syn_data, math.inf, self.excluded_parameters, 1)
        kind.update_ewc_data(strategy.model, *arguments, eps=self.eps)

    return type("Uncapped", (kind,), {"after_training_exp": after_training_exp})(**settings)


def _copying() -> Any:
    kind = import_module(PLUGINS).SynapticIntelligencePlugin

    def before_training_exp(self: Any, strategy: Any, **options: Any) -> None:
        kind.before_training_exp(self, strategy, **options)
        _copy_data(self.ewc_data[0])

    def before_training_iteration(self: Any, strategy: Any, **options: Any) -> None:
        kind.before_training_iteration(self, strategy, **options)
        _copy_data(self.syn_data["old_theta"])

    hooks = {"before_training_exp": before_training_exp, "before_training_iteration": before_training_iteration}
    return type("Copying", (kind,), hooks)


def _copy_data(stored: Mapping[str, Any]) -> None:
    """Replace the stored view of each weight by a copy."""
    for weight in stored.values():
        weight.data = weight.data.clone()


def _replay(settings: Settings, budget: Budget) -> Any:
    """Return replay from a memory with as many images of each task as ours."""
    size = budget.remembered * TASKS
    buffer = import_module(STORAGE).ExperienceBalancedBuffer
    memory = buffer(max_size=size, adaptive_size=False, num_experiences=TASKS)
    return import_module(PLUGINS).ReplayPlugin(mem_size=size, storage_policy=memory, **settings)


STRATEGIES: Mapping[str, AvalancheStrategy] = {
    "ewc": AvalancheStrategy(
        "ewc",
        _shipped("EWCPlugin"),
        difference="avalanche squares the mean gradient of a minibatch at the true labels: not the Fisher information",
    ),
    "ewc_by_image": AvalancheStrategy("ewc", _by_image, correction="importance measured image by image"),
    "si": AvalancheStrategy(
        "si",
        _shipped("SynapticIntelligencePlugin"),
        difference="avalanche 0.6 stores views of the weights before a step, so on a CPU no weight seems to change",
    ),
    "si_copied": AvalancheStrategy(
        "si",
        _copied,
        correction="old weights copied",
        difference="avalanche caps every importance at 0.001, so that nine in ten weights are equally important",
    ),
    "si_uncapped": AvalancheStrategy("si", _uncapped, correction="old weights copied, importance not capped"),
    "replay": AvalancheStrategy("replay", _replay),
    "lwf": AvalancheStrategy("lwf", _shipped("LwFPlugin")),
}
"""By the key of their settings in the table."""
