"""Elastic weight consolidation (Kirkpatrick et al., 2017), with every task's anchor kept exactly.

Several springs on one weight are one spring: Σₖ Fₖ(θ − θₖ)² = F(θ − θ̄)² + rest, where F = ΣFₖ, θ̄ is the
F-weighted mean of the anchors, and the rest does not depend on θ. All tasks cost as much as one.
"""

from __future__ import annotations

from collections import Counter

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.config import EWCConfig
from agents.continual import ContinualStrategy
from agents.memory import Memory
from agents.policies import Observations, Policy, draw
from agents.rollout import Rollout
from agents.state_tree import State

CRITIC = "value."
"""Weights of the value head, which decide nothing, so no spring holds them."""


class EWC(ContinualStrategy):
    """Tie each weight to its old value with a spring as stiff as the weight was important."""

    config: EWCConfig

    def __init__(self, config: EWCConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.importance: dict[str, Tensor] = {}
        """F, by the name of the weight."""
        self.anchors: dict[str, Tensor] = {}
        """θ̄."""
        self.rest = 0.0
        """Energy that remains when every weight is at θ̄: the tasks disagree by so much."""
        self._consolidated: set[int] = set()

    def begin_task(self, policy: Policy, column: int) -> None:
        """Switched on in mid-run, hold on to what earlier tasks are remembered by."""
        for earlier, lesson in self.memory.lessons(without=column).items():
            if earlier not in self._consolidated:
                texts = [entry.text for entry in lesson.entries]
                self._consolidate(policy, earlier, policy.encode(texts, [earlier] * len(texts)))

    def penalty(self, policy: Policy) -> Tensor | float:
        """Energy stored in the springs, ½ λ Σ F (θ − θₖ)²."""
        if not self.importance:
            return 0.0
        energy = torch.zeros(())
        for name, weight in policy.named_parameters():
            if name in self.importance:
                stiffness, anchor = _grown(self.importance[name], weight), _grown(self.anchors[name], weight)
                energy = energy.to(weight.device) + (stiffness * (weight - anchor) ** 2).sum()
        return 0.5 * self.config.strength * (energy + self.rest)

    def end_task(self, policy: Policy, column: int, rollout: Rollout) -> None:
        """Measure importance on what was lived last, and anchor the springs here."""
        self._consolidate(policy, column, rollout.observations)

    def state(self) -> State:
        """Return the springs."""
        return {
            "importance": dict(self.importance),
            "anchors": dict(self.anchors),
            "rest": self.rest,
            "consolidated": sorted(self._consolidated),
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.importance, self.anchors = dict(state["importance"]), dict(state["anchors"])
        self.rest, self._consolidated = state["rest"], set(state["consolidated"])

    def _consolidate(self, policy: Policy, column: int, observations: Observations) -> None:
        fisher = self._fisher(policy, observations)
        with torch.no_grad():
            for name, weight in policy.named_parameters():
                if name not in fisher:
                    continue
                old = _grown(self.importance.get(name, torch.zeros_like(weight)), weight)
                anchor = _grown(self.anchors.get(name, weight.clone()), weight)
                share = fisher[name] / (old + fisher[name]).clamp_min(torch.finfo(weight.dtype).tiny)
                self.rest += float((old * share * (anchor - weight) ** 2).sum())
                self.anchors[name] = anchor + share * (weight - anchor)
                self.importance[name] = old + fisher[name]
        self._consolidated.add(column)

    def _fisher(self, policy: Policy, observations: Observations) -> dict[str, Tensor]:
        """Return the Fisher diagonal, with actions drawn from the policy, scaled to a largest value of 1.

        Equal decisions have equal gradients, so each is computed once and counted.
        """
        rows = torch.randint(len(observations), (self.config.samples,), generator=self.generator)
        sample = observations[rows.to(observations.rows.device)]
        with torch.no_grad():
            actions = draw(policy(sample)[0], self.generator)
        decisions = Counter(zip(sample.rows.tolist(), actions.tolist(), strict=True))
        place = {row: i for i, row in enumerate(sample.rows.tolist())}
        weights = {name: w for name, w in policy.named_parameters() if w.requires_grad and CRITIC not in name}
        fisher = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        for (row, action), count in decisions.items():
            one = sample[torch.tensor([place[row]], device=sample.rows.device)]
            log_prob = policy(one)[0].logits[0].log_softmax(-1)[action]
            gradients = torch.autograd.grad(log_prob, list(weights.values()), allow_unused=True)
            for name, gradient in zip(weights, gradients, strict=True):
                if gradient is not None:
                    fisher[name] += count / self.config.samples * gradient**2
        largest = max(float(values.max()) for values in fisher.values())
        return {name: values / max(largest, 1e-12) for name, values in fisher.items()}


def _grown(kept: Tensor, weight: Tensor) -> Tensor:
    """Add rows for words learned since; nothing holds them."""
    return kept if kept.shape == weight.shape else F.pad(kept, (0, 0, 0, len(weight) - len(kept)))
