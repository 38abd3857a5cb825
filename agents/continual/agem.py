"""Averaged gradient episodic memory (Chaudhry et al., 2019): never step where memory says it gets worse.

Where the gradient g of the new task would raise the loss on remembered moments, whose gradient is r, the part
of g that does so is taken out: g − (g·r / r·r) r (equation 11).
"""

from __future__ import annotations

import torch
from torch import Tensor

from agents.config import AGEMConfig
from agents.continual import ContinualStrategy
from agents.continual.rehearsal import Rehearsal
from agents.memory import Memory
from agents.policies import Policy
from agents.state_tree import State


class AGEM(ContinualStrategy):
    """Project every gradient, so that a small step along it leaves remembered decisions no worse."""

    config: AGEMConfig

    def __init__(self, config: AGEMConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._rehearsal = Rehearsal(memory)

    def begin_task(self, policy: Policy, column: int) -> None:
        """Lay out what is remembered of the other tasks."""
        self._rehearsal.begin(column)

    def project(self, policy: Policy) -> None:
        """Take out of the gradient what works against the memory."""
        reference = self._reference(policy)
        pairs = [(w.grad, reference[name]) for name, w in policy.named_parameters() if name in reference]
        slopes = [(own, other) for own, other in pairs if own is not None]
        if slopes:
            overrule(slopes)

    def state(self) -> State:
        """Return the task that is not rehearsed."""
        return self._rehearsal.state()

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._rehearsal.restore(state)

    def _reference(self, policy: Policy) -> dict[str, Tensor]:
        """Return the gradient of KL(then ‖ now) on some remembered moments, the tasks' mean."""
        repertoire = self._rehearsal.repertoire(policy)
        if repertoire is None:
            return {}
        rows = repertoire.draw(self.config.rows, self.generator, balanced=True)
        divergence, _ = repertoire.compare(policy, rows)
        weights = {name: weight for name, weight in policy.named_parameters() if weight.requires_grad}
        found = torch.autograd.grad(divergence.mean(), list(weights.values()), allow_unused=True)
        return {name: slope for name, slope in zip(weights, found, strict=True) if slope is not None}


@torch.no_grad()
def overrule(slopes: list[tuple[Tensor, Tensor]]) -> None:
    """Change the first of each pair so that together they no longer point against the second ones."""
    against = torch.stack([(own * other).sum() for own, other in slopes]).sum()
    size = torch.stack([(other * other).sum() for _, other in slopes]).sum()
    share = against.clamp(max=0) / size.clamp_min(torch.finfo(size.dtype).tiny)
    for own, other in slopes:
        own -= share * other
