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
    """One of avalanche's plugins, beside a strategy of ours."""

    strategy: str
    """Ours that it is."""
    build: Build
    """Makes the plugin."""
    mended: str = ""
    """What is done otherwise than it is shipped."""
    difference: str = ""
    """Why it is another algorithm than ours, so that nothing is promised of the difference."""


def _shipped(name: str) -> Build:
    return lambda settings, budget: getattr(import_module(PLUGINS), name)(**settings)


def _by_image(settings: Settings, budget: Budget) -> Any:
    """Return EWC that squares the slope of one image at a time, not the mean slope of a minibatch."""
    kind = import_module(PLUGINS).EWCPlugin

    def compute_importances(self: Any, *given: Any, **options: Any) -> Any:
        *rest, _minibatch = given
        return kind.compute_importances(self, *rest, 1, **options)

    return type("ByImage", (kind,), {"compute_importances": compute_importances})(**settings)


def _copied(settings: Settings, budget: Budget) -> Any:
    """Return synaptic intelligence that keeps a copy of the old weights.

    `extract_weights` notes `param.detach().cpu().flatten()`: on a CPU that is no copy but the live weight itself.
    """
    return _copying()(**settings)


def _uncapped(settings: Settings, budget: Budget) -> Any:
    """Return the same, without the cap of 0.001 that `after_training_exp` puts on every importance."""
    kind = _copying()

    def after_training_exp(self: Any, strategy: Any, **options: Any) -> None:
        kept = (self.ewc_data, self.syn_data, math.inf, self.excluded_parameters, 1)
        kind.update_ewc_data(strategy.model, *kept, eps=self.eps)

    return type("Uncapped", (kind,), {"after_training_exp": after_training_exp})(**settings)


def _copying() -> Any:
    kind = import_module(PLUGINS).SynapticIntelligencePlugin

    def before_training_exp(self: Any, strategy: Any, **options: Any) -> None:
        kind.before_training_exp(self, strategy, **options)
        _keep(self.ewc_data[0])

    def before_training_iteration(self: Any, strategy: Any, **options: Any) -> None:
        kind.before_training_iteration(self, strategy, **options)
        _keep(self.syn_data["old_theta"])

    hooks = {"before_training_exp": before_training_exp, "before_training_iteration": before_training_iteration}
    return type("Copying", (kind,), hooks)


def _keep(noted: Mapping[str, Any]) -> None:
    """Make what was noted of each weight a copy, which stays as it is."""
    for weight in noted.values():
        weight.data = weight.data.clone()


def _replay(settings: Settings, budget: Budget) -> Any:
    """Return replay from a memory that keeps as many images of each task as ours."""
    size = budget.remembered * TASKS
    keeper = import_module(STORAGE).ExperienceBalancedBuffer
    memory = keeper(max_size=size, adaptive_size=False, num_experiences=TASKS)
    return import_module(PLUGINS).ReplayPlugin(mem_size=size, storage_policy=memory, **settings)


GUARDS: Mapping[str, AvalancheStrategy] = {
    "ewc": AvalancheStrategy(
        "ewc",
        _shipped("EWCPlugin"),
        difference="avalanche squares the mean gradient of a minibatch at the true labels: not the Fisher information",
    ),
    "ewc_by_image": AvalancheStrategy("ewc", _by_image, mended="importance measured image by image"),
    "si": AvalancheStrategy(
        "si",
        _shipped("SynapticIntelligencePlugin"),
        difference="avalanche 0.6 keeps a view of the weights before a step, so on a CPU no weight seems to move",
    ),
    "si_copied": AvalancheStrategy(
        "si",
        _copied,
        mended="old weights copied",
        difference="avalanche caps every importance at 0.001, so that nine in ten springs are equally stiff",
    ),
    "si_uncapped": AvalancheStrategy("si", _uncapped, mended="old weights copied, importance not capped"),
    "replay": AvalancheStrategy("replay", _replay),
    "lwf": AvalancheStrategy("lwf", _shipped("LwFPlugin")),
}
"""By the name under which their settings are kept."""
