"""Averaged gradient episodic memory (Chaudhry et al., 2019): project gradients that raise the loss on memories.

Where the gradient g of the new task would raise the loss on remembered moments, whose gradient is r, the part
of g that does so is taken out: g − (g·r / r·r) r (equation 11). That promises something of a step along g. Adam's
is another one: it goes by the mean of many gradients, and each weight's is rescaled. With `project = "step"` it is
therefore the step, d, that is changed: where d·r > 0, to first order, the memory would get worse.
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
"""Cosine between what is left of a step and −r, so that rounding of weights cannot turn it against the memory."""
Pairs = list[tuple[Tensor, Tensor]]
"""Of each weight, what is to be changed and what it must not point against."""


class AGEM(ContinualStrategy):
    """Project every gradient, or every step, so that to first order remembered decisions become no worse."""

    config: AGEMConfig

    def __init__(self, config: AGEMConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._rehearsal = Rehearsal(memory)
        self._reference: dict[str, Tensor] = {}
        """Gradient of the loss on remembered moments, for the step that is being taken; by the weight's name."""
        self._before: dict[str, Tensor] = {}
        """Weights before that step."""

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Lay out what is remembered of the other tasks."""
        self._rehearsal.begin(task_id)

    def project(self, policy: Policy) -> None:
        """Take out of the gradient what works against the memory, or note what the step will be held against.

        Raises NotFinite where the loss on remembered moments has no slope that is a number.
        """
        reference = self.reference(policy)
        weights = {name: weight for name, weight in policy.named_parameters() if name in reference}
        if self.config.project == "step":
            if reference:
                clip([*reference.values()], math.inf)  # only to be checked
            self._reference = reference
            self._before = {name: weight.detach().clone() for name, weight in weights.items()}
            return
        # the gradient points uphill: it works against the memory where it points away from r
        project_gradient([(w.grad, reference[name]) for name, w in weights.items() if w.grad is not None])

    @torch.no_grad()
    def constrain(self, policy: Policy) -> None:
        """Take out of the step what works against the memory."""
        weights = {name: weight for name, weight in policy.named_parameters() if name in self._reference}
        pairs = [(weight - self._before[name], -self._reference[name]) for name, weight in weights.items()]
        share = opposed(pairs, MARGIN)
        for weight, (_, against) in zip(weights.values(), pairs, strict=True):
            weight.add_(share * against)
        self._reference, self._before = {}, {}

    def state(self) -> State:
        """Return the task that is not rehearsed."""
        return self._rehearsal.state()

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._rehearsal.restore(state)

    def reference(self, policy: Policy) -> dict[str, Tensor]:
        """Return the gradient of −log π(a* | s) on some remembered moments, the tasks' mean, by the weight's name.

        a* is what was likeliest once the task was learned: a label, as in the paper. The divergence from the decisions
        of then would have no slope while the agent still decides as then, at a stage's first step. Empty if nothing
        is remembered of other tasks.
        """
        rehearsal_set = self._rehearsal.rehearsal_set(policy)
        if rehearsal_set is None:
            return {}
        rows = rehearsal_set.draw(self.config.batch_size, self.generator, balanced=True)
        logits = policy(rehearsal_set.observations[rows])[0].logits  # (B, A)
        loss = F.nll_loss(logits, rehearsal_set.probabilities[rows].argmax(-1))
        weights = {name: weight for name, weight in policy.named_parameters() if weight.requires_grad}
        found = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        return {name: slope for name, slope in zip(weights, found, strict=True) if slope is not None}


@torch.no_grad()
def project_gradient(pairs: Pairs) -> None:
    """Change the first of each pair so that together they no longer point against the second ones (equation 11)."""
    share = opposed(pairs)
    for own, other in pairs:
        own += share * other


def opposed(pairs: Pairs, margin: float = 0.0) -> Tensor:
    """Return how much of the second of each pair must be added to the first, so that these no longer point against it.

    A scalar, 0 where they don't. With a `margin`, the cosine of what comes out is at least about that much.
    """
    if not pairs:
        return torch.zeros(())
    along, size, length = (
        torch.stack([(one * other).sum() for one, other in products]).sum()
        for products in (pairs, [(other, other) for _, other in pairs], [(own, own) for own, _ in pairs])
    )
    missing = (margin * (size * length).sqrt() - along).clamp(min=0)
    return missing / size.clamp_min(torch.finfo(size.dtype).tiny)
