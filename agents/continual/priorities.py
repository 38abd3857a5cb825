"""Priorities of memories: those with the largest error are rehearsed most (Schaul et al., 2016)."""

from __future__ import annotations

import torch
from torch import Tensor

from agents.continual.rehearsal import Repertoire
from agents.state_tree import State

FLOOR = 1e-3
"""Added to each divergence, so that nothing is never rehearsed."""


class Priorities:
    """How far each memory had slipped when it was rehearsed last; one that never was counts as the worst."""

    def __init__(self) -> None:
        self._ids: tuple[int, ...] = ()
        self._slips = torch.empty(0)

    def weights(self, repertoire: Repertoire, exponent: float) -> Tensor:
        """Return how often each row is to be drawn, (B,), in proportion."""
        if self._ids != repertoire.ids:
            self._follow(repertoire)
        return (self._slips + FLOOR) ** exponent

    def draw(
        self, repertoire: Repertoire, count: int, exponent: float, generator: torch.Generator, *, balanced: bool
    ) -> tuple[Tensor, Tensor]:
        """Return `count` rows for each task, and what each has to count so that the mean loss stays what it was.

        That is (1 / N P) of the paper's section 3.4 with its exponent at 1: the rows differ, the loss does not.
        """
        weights = self.weights(repertoire, exponent)
        places = repertoire.places if balanced else (torch.cat(repertoire.places),) * len(repertoire.places)
        rows, counts = [], []
        for place in places:
            odds = weights[place] / weights[place].sum()
            drawn = torch.multinomial(odds.to(generator.device), count, replacement=True, generator=generator)
            drawn = drawn.to(place.device)
            rows.append(place[drawn])
            counts.append(1 / (len(place) * odds[drawn]))
        return torch.cat(rows), torch.cat(counts)

    def note(self, rows: Tensor, slips: Tensor) -> None:
        """Remember how far these rows have slipped."""
        self._slips[rows] = slips.detach().clamp_min(0)

    def state(self) -> State:
        """Return what is known of each memory."""
        return {"ids": list(self._ids), "slips": self._slips}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._ids, self._slips = tuple(state["ids"]), state["slips"]

    def _follow(self, repertoire: Repertoire) -> None:
        """Keep what is known of those that are still there."""
        known = dict(zip(self._ids, self._slips.tolist(), strict=True))
        worst = max(known.values(), default=1.0)
        slips = [known.get(id_, worst) for id_ in repertoire.ids]
        self._ids, self._slips = repertoire.ids, torch.tensor(slips, device=repertoire.values.device)
