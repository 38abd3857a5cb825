"""Quadratic penalty on the distance of weights from their anchors, weighted by importance.

Shapes: importance F, anchor θ* and weight θ have the same shape, except that a weight may have gained rows (a token
or an action each) since its anchor was stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.policies import Policy
from agents.state_tree import State

CRITIC = "value."
"""Name prefix of the value head's weights: they do not affect the policy's distribution, so they are not penalised."""
NamedTensors = dict[str, Tensor]
"""A tensor for each weight, by the weight's name in `named_parameters`."""


def penalised_weights(policy: Policy) -> Iterator[tuple[str, Tensor]]:
    """Yield name and weight, of any shape, of the trainable weights outside of the value head."""
    for name, weight in policy.named_parameters():
        if weight.requires_grad and not name.startswith(CRITIC):
            yield name, weight


def pad_rows(stored: Tensor, weight: Tensor) -> Tensor:
    """Pad `stored` (R', D) with rows of 0 to the shape (R, D) of `weight`, which has grown since; R is R' or more."""
    return stored if stored.shape == weight.shape else F.pad(stored, (0, 0, 0, len(weight) - len(stored)))


@dataclass(slots=True)
class QuadraticPenalty:
    """Σ F (θ − θ*)² over all weights. Rows that were added later have importance 0."""

    importance: NamedTensors = field(default_factory=dict)
    """F, by the weight's name."""
    anchors: NamedTensors = field(default_factory=dict)
    """θ*, by the weight's name."""
    constant: float = 0.0
    """Value of the penalty when every weight is at its anchor: the remainder of merging several penalties."""

    def value(self, policy: Policy) -> Tensor | float:
        """Return Σ F (θ − θ*)² plus the constant, a scalar; 0.0 before anything was consolidated."""
        if not self.importance:
            return 0.0
        value = torch.zeros(())
        for name, weight in policy.named_parameters():
            if name in self.importance:
                value = value.to(weight.device) + (self._padded(name, weight) * self._offset(name, weight) ** 2).sum()
        return value + self.constant

    def gradient(self, name: str, weight: Tensor) -> Tensor | float:
        """Return F (θ − θ*), half the gradient of `value`, in the shape of `weight`; 0.0 if it has no anchor."""
        return self._padded(name, weight) * self._offset(name, weight) if name in self.importance else 0.0

    def state(self) -> State:
        """Return importance, anchors and constant."""
        return {"importance": dict(self.importance), "anchors": dict(self.anchors), "constant": self.constant}

    @classmethod
    def restored(cls, state: State) -> QuadraticPenalty:
        """Return the penalty that `state` was taken of."""
        return cls(dict(state["importance"]), dict(state["anchors"]), state["constant"])

    def _padded(self, name: str, weight: Tensor) -> Tensor:
        return pad_rows(self.importance[name], weight)

    def _offset(self, name: str, weight: Tensor) -> Tensor:
        return weight - pad_rows(self.anchors[name], weight)
