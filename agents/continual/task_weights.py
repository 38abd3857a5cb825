"""Per-task weights of finished tasks, cached on the host, so that evaluation does not rebuild them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from agents.continual.quadratic_penalty import CRITIC, Named
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


def is_own(name: str, weight: Tensor) -> bool:
    """Return whether a weight is a bias, a norm or of the value head: every pack has its own."""
    return weight.dim() == 1 or name.startswith(CRITIC)


def own_parts(policy: Policy) -> Named:
    """Return a copy of what is not shared, as it is now."""
    return {name: weight.detach().clone() for name, weight in policy.named_parameters() if is_own(name, weight)}


@torch.no_grad()
def put_on(policy: Policy, parts: Named) -> None:
    """Give the policy these parts, in place; rows of words learned since stay as they are."""
    weights = dict(policy.named_parameters())
    for name, part in parts.items():
        weights[name][: len(part)].copy_(part)
