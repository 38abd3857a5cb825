"""A wardrobe: what finished tasks wear, ready on the host, so that looking at an agent copies nothing twice."""

from __future__ import annotations

from collections.abc import Callable

import torch

from agents.continual.springs import Named
from agents.policies import Policy


class Wardrobe:
    """Outfits by number: all weights of a policy as they are where that outfit is on. Never written to."""

    def __init__(self) -> None:
        self._outfits: dict[int, Named] = {}

    @torch.no_grad()
    def outfit(self, number: int, policy: Policy, make: Callable[[int], Named]) -> Named:
        """Return outfit `number`; it is made if there is none, or if words were learned since."""
        found = self._outfits.get(number, {})
        if any(name not in found or found[name].shape != weight.shape for name, weight in policy.named_parameters()):
            found = {name: weight.detach().cpu() for name, weight in make(number).items()}
            self._outfits[number] = found
        return found

    def clear(self) -> None:
        """Throw all away: what was known is replaced."""
        self._outfits.clear()

    def discard(self, number: int) -> None:
        """Throw one away: it will be another."""
        self._outfits.pop(number, None)


def worn(policy: Policy) -> Named:
    """Return a copy of all weights as they are now."""
    return {name: weight.detach().clone() for name, weight in policy.named_parameters()}
