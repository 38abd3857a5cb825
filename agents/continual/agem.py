"""Averaged gradient episodic memory (Chaudhry et al., 2019): project gradients that raise the loss on memories.

Let g be the gradient of the new task's loss, and r the gradient of the loss on memory entries (the reference). Where
g·r < 0, a step along −g raises the loss on the memories, so g is replaced by g − (g·r / r·r) r (equation 11).

That guarantee is for a step along −g, and Adam does not take one: it averages gradients over time and rescales each
weight's. With `project = "step"` it is therefore Adam's step d that is projected: d·r > 0 raises the loss to first
order. Products such as g·r are taken over all weights together, as if they were one vector.

Shapes: B decisions, A actions; gradients and steps have the shapes of their weights.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.config.strategies import AGEMConfig
from agents.continual import ContinualStrategy
from agents.continual.rehearsal import Rehearsal
from agents.memory import Memory
from agents.optimiser import clip
from agents.policies import Policy
from agents.state_tree import State

MARGIN = 1e-4
"""Cosine of a projected step and −r is at least this: rounding of the weights must not turn it past orthogonal."""
Pairs = list[tuple[Tensor, Tensor]]
"""For each weight, the tensor to project and the reference with which its dot product must not be negative."""


class AGEM(ContinualStrategy):
    """Project every gradient, or every step, so that to first order the loss on memories does not rise."""

    config: AGEMConfig

    def __init__(self, config: AGEMConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._rehearsal = Rehearsal(memory)
        self._reference: dict[str, Tensor] = {}
        """Gradient of the loss on memories, by the weight's name, between `project` and `constrain`."""
        self._before: dict[str, Tensor] = {}
        """Weights before the optimiser step, by name, between `project` and `constrain`."""

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Rehearse the memories of all tasks but this one."""
        self._rehearsal.begin(task_id)

    def project(self, policy: Policy) -> None:
        """Project the gradients, or store the reference gradient for the projection of the step.

        Raises NotFinite if the reference gradient, which the step is projected on, is not finite.
        """
        reference = self.reference(policy)
        weights = {name: weight for name, weight in policy.named_parameters() if name in reference}
        if self.config.project == "step":
            if reference:
                clip([*reference.values()], math.inf)  # checks that it is finite, and clips nothing
            self._reference = reference
            self._before = {name: weight.detach().clone() for name, weight in weights.items()}
            return
        # descent goes along −g, so the loss on memories rises where g·r < 0
        project_gradient([(w.grad, reference[name]) for name, w in weights.items() if w.grad is not None])

    @torch.no_grad()
    def constrain(self, policy: Policy) -> None:
        """Project the step that the optimiser has taken, if `project` is "step"."""
        weights = {name: weight for name, weight in policy.named_parameters() if name in self._reference}
        pairs = [(weight - self._before[name], -self._reference[name]) for name, weight in weights.items()]
        factor = projection_factor(pairs, MARGIN)
        for weight, (_, downhill) in zip(weights.values(), pairs, strict=True):
            weight.add_(factor * downhill)
        self._reference, self._before = {}, {}

    def state(self) -> State:
        """Return the id of the task that is not rehearsed."""
        return self._rehearsal.state()

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._rehearsal.restore(state)

    def reference(self, policy: Policy) -> dict[str, Tensor]:
        """Return r, the gradient of −log π(a* | s) on a batch of memories, by the weight's name, in the weight's shape.

        a* is the likeliest action of the stored distribution: a label, as in the paper. KL to the stored distribution
        would have a gradient of 0 at the first step of a stage, where the policy still equals it. Empty if there are
        no memories of other tasks.
        """
        rehearsal_set = self._rehearsal.rehearsal_set(policy)
        if rehearsal_set is None:
            return {}
        rows = rehearsal_set.sample(self.config.batch_size, self.generator, balanced=True)
        logits = policy(rehearsal_set.observations[rows])[0].logits  # (B, A)
        loss = F.nll_loss(logits, rehearsal_set.probabilities[rows].argmax(-1))
        weights = {name: weight for name, weight in policy.named_parameters() if weight.requires_grad}
        gradients = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        return {name: gradient for name, gradient in zip(weights, gradients, strict=True) if gradient is not None}


@torch.no_grad()
def project_gradient(pairs: Pairs) -> None:
    """Project the first of each pair in place, so that g·r is at least 0 (equation 11).

    Both tensors of a pair have the shape of their weight.
    """
    factor = projection_factor(pairs)
    for gradient, reference in pairs:
        gradient += factor * reference


def projection_factor(pairs: Pairs, margin: float = 0.0) -> Tensor:
    """Return the scalar c for which (x + c r)·r is at least 0: −x·r / r·r where x·r < 0, else 0.

    The pairs are (x, r), both in the shape of their weight. With a `margin`, the cosine of x + c r and r is at least
    about that.
    """
    if not pairs:
        return torch.zeros(())
    x_dot_r, r_dot_r, x_dot_x = (
        torch.stack([(left * right).sum() for left, right in products]).sum()
        for products in (pairs, [(r, r) for _, r in pairs], [(x, x) for x, _ in pairs])
    )
    missing = (margin * (r_dot_r * x_dot_x).sqrt() - x_dot_r).clamp(min=0)
    return missing / r_dot_r.clamp_min(torch.finfo(r_dot_r.dtype).tiny)
