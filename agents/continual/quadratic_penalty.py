"""Quadratic penalty on the distance of weights from their anchors, weighted by importance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.policies import Policy
from agents.state_tree import State

CRITIC = "value."
"""Weights of the value head, which decide nothing, so no spring holds them."""
Named = dict[str, Tensor]


def held(policy: Policy) -> Iterator[tuple[str, Tensor]]:
    """Yield the weights that decide something and can be learned."""
    for name, weight in policy.named_parameters():
        if weight.requires_grad and not name.startswith(CRITIC):
            yield name, weight


def grown(kept: Tensor, weight: Tensor) -> Tensor:
    """Add rows of 0 for words learned since `kept` was noted."""
    return kept if kept.shape == weight.shape else F.pad(kept, (0, 0, 0, len(weight) - len(kept)))


@dataclass(slots=True)
class QuadraticPenalty:
    """A spring on each weight, by the weight's name; words learned later hang on none."""

    importance: Named = field(default_factory=dict)
    anchors: Named = field(default_factory=dict)
    constant: float = 0.0
    """Energy that remains when every weight is at its anchor."""

    def value(self, policy: Policy) -> Tensor | float:
        """Return Σ F (θ − θ*)²; 0 while there are no springs."""
        if not self.importance:
            return 0.0
        value = torch.zeros(())
        for name, weight in policy.named_parameters():
            if name in self.importance:
                value = value.to(weight.device) + (self._stiff(name, weight) * self._away(name, weight) ** 2).sum()
        return value + self.constant

    def gradient(self, name: str, weight: Tensor) -> Tensor | float:
        """Return half the slope of the energy at this weight, F (θ − θ*)."""
        return self._stiff(name, weight) * self._away(name, weight) if name in self.importance else 0.0

    def state(self) -> State:
        """Return the springs."""
        return {"importance": dict(self.importance), "anchors": dict(self.anchors), "constant": self.constant}

    @classmethod
    def restored(cls, state: State) -> QuadraticPenalty:
        """Return the springs that `state` was taken of."""
        return cls(dict(state["importance"]), dict(state["anchors"]), state["constant"])

    def _stiff(self, name: str, weight: Tensor) -> Tensor:
        return grown(self.importance[name], weight)

    def _away(self, name: str, weight: Tensor) -> Tensor:
        return weight - grown(self.anchors[name], weight)
