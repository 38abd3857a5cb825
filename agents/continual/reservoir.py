"""Reservoir sampling (Vitter, 1985) over unrolls: each is kept with equal probability."""

from __future__ import annotations

from dataclasses import fields

import torch

from agents.continual.unrolls import Cuts, Unrolls
from agents.policies import Policy
from agents.state_tree import State


class Reservoir:
    """Keeps at most so many unrolls of all tasks together."""

    def __init__(self) -> None:
        self.kept: Unrolls | None = None
        """None: nothing was lived yet."""
        self.seen = 0
        """Unrolls lived so far."""

    def __len__(self) -> int:
        return 0 if self.kept is None else len(self.kept)

    def admit(self, cuts: Cuts, policy: Policy, capacity: int, generator: torch.Generator) -> None:
        """Let the n-th unroll in with probability `capacity` / n, which leaves all equally likely (algorithm R)."""
        self._shrink(capacity, generator)
        had = len(self)
        entering: dict[int, int] = {}
        drawn = torch.rand(len(cuts), generator=generator, dtype=torch.float64).tolist()
        for row, rng in enumerate(drawn):
            self.seen += 1
            place = had if had < capacity else int(rng * self.seen)
            had = max(had, min(place + 1, capacity))
            if place < capacity:
                entering[place] = row  # a later one takes the place of an earlier one
        if entering:
            unrolls = cuts.taken(list(entering.values()), policy)
            self.kept = unrolls if self.kept is None else self.kept.replaced(list(entering), unrolls)

    def draw(self, count: int, generator: torch.Generator) -> Unrolls | None:
        """Return `count` random unrolls; None if nothing is kept."""
        if self.kept is None or not len(self.kept):
            return None
        rows = torch.randint(len(self.kept), (count,), generator=generator)
        return self.kept[rows.to(self.kept.valid.device)]

    def state(self) -> State:
        """Return every unroll, and how many there were."""
        kept = None if self.kept is None else {field.name: getattr(self.kept, field.name) for field in fields(Unrolls)}
        return {"seen": self.seen, "kept": kept}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.seen = state["seen"]
        self.kept = Unrolls(**state["kept"]) if state["kept"] else None

    def _shrink(self, capacity: int, generator: torch.Generator) -> None:
        """Let random ones go where the setting was lowered."""
        if self.kept is not None and len(self.kept) > capacity:
            rows = torch.randperm(len(self.kept), generator=generator)[:capacity]
            self.kept = self.kept[rows.to(self.kept.valid.device)]
