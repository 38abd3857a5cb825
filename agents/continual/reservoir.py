"""Reservoir sampling (Vitter, 1985) over unrolls: each unroll of the stream is stored with equal probability."""

from __future__ import annotations

from dataclasses import fields

import torch

from agents.continual.unrolls import Cuts, Unrolls
from agents.policies import Policy
from agents.state_tree import State


class Reservoir:
    """A uniform sample of the unrolls of all tasks, of limited size."""

    def __init__(self) -> None:
        self.unrolls: Unrolls | None = None
        """None: nothing was admitted yet."""
        self.seen = 0
        """Number of unrolls offered so far."""

    def __len__(self) -> int:
        return 0 if self.unrolls is None else len(self.unrolls)

    def admit(self, cuts: Cuts, policy: Policy, capacity: int, generator: torch.Generator) -> None:
        """Store the n-th unroll offered so far with probability `capacity` / n, in a random slot (algorithm R).

        `cuts` are the U unrolls offered now; `policy` must still have the weights that collected them.
        """
        self._shrink(capacity, generator)
        size = len(self)
        entering: dict[int, int] = {}
        drawn = torch.rand(len(cuts), generator=generator, dtype=torch.float64).tolist()
        for row, uniform in enumerate(drawn):
            self.seen += 1
            slot = size if size < capacity else int(uniform * self.seen)
            size = max(size, min(slot + 1, capacity))
            if slot < capacity:
                entering[slot] = row  # a later unroll may overwrite an earlier one of the same call
        if entering:
            unrolls = cuts.evaluate(list(entering.values()), policy)
            self.unrolls = unrolls if self.unrolls is None else self.unrolls.replaced(list(entering), unrolls)

    def sample(self, count: int, generator: torch.Generator) -> Unrolls | None:
        """Return `count` random unrolls; None if the reservoir is empty."""
        if self.unrolls is None or not len(self.unrolls):
            return None
        rows = torch.randint(len(self.unrolls), (count,), generator=generator)
        return self.unrolls[rows.to(self.unrolls.valid.device)]

    def state(self) -> State:
        """Return every unroll, and the number seen."""
        names = [field.name for field in fields(Unrolls)]
        stored = None if self.unrolls is None else {name: getattr(self.unrolls, name) for name in names}
        return {"seen": self.seen, "unrolls": stored}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self.seen = state["seen"]
        self.unrolls = Unrolls(**state["unrolls"]) if state["unrolls"] else None

    def _shrink(self, capacity: int, generator: torch.Generator) -> None:
        """Drop random unrolls if the capacity was lowered."""
        if self.unrolls is not None and len(self.unrolls) > capacity:
            rows = torch.randperm(len(self.unrolls), generator=generator)[:capacity]
            self.unrolls = self.unrolls[rows.to(self.unrolls.valid.device)]
