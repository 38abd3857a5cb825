"""Weight masks: which task owns which weights, and switching the policy between tasks."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from agents.continual.quadratic_penalty import Named
from agents.continual.task_weights import is_own, own_parts, put_on
from agents.policies import Policy
from agents.state_tree import State

FREE = 0
"""Owner of a weight that no pack has taken; to wear it is to learn with every weight there is. Packs count from 1."""


class Packs:
    """Weights by owner. What is worn lies in the policy, changed in place, since the optimiser holds on to it."""

    def __init__(self) -> None:
        self._owners: Named = {}
        self._weights: Named = {}
        """Shared weights whole, as no single pack sees them; the free ones as they were when last worn."""
        self._parts: dict[int, Named] = {}
        """What a pack has for itself."""
        self._worn = FREE

    @torch.no_grad()
    def wear(self, policy: Policy, number: int) -> None:
        """Let the policy be what pack `number` sees; with all its weights if that is FREE."""
        if number == self._worn:
            return
        self._note(policy)
        for name, weight in self._shared(policy):
            weight.copy_(self._seen(name, weight, number))
        put_on(policy, self._parts[number])
        self._worn = number

    def leave(self) -> None:
        """What is worn is changed by others from now on; the free weights will be as they leave them."""
        self._worn = FREE

    @property
    def worn(self) -> int:
        """Number of the pack that is on."""
        return self._worn

    @torch.no_grad()
    def outfit(self, policy: Policy, number: int) -> Named:
        """Return what `wear` would make of the policy, which stays as it is; `number` is not what is worn now."""
        shared = {name: self._seen(name, weight, number) for name, weight in self._shared(policy)}
        return {**shared, **{name: part.clone() for name, part in self._parts[number].items()}}

    @torch.no_grad()
    def hold(self, policy: Policy) -> None:
        """Give owned weights their values back."""
        if self._owned:
            self._grow(policy)
            for name, weight in self._shared(policy):
                weight.copy_(torch.where(self._owners[name] > FREE, self._weights[name], weight))

    def shield(self, policy: Policy, number: int) -> None:
        """Zero the gradient of shared weights that are not of pack `number`."""
        if self._owned:
            self._grow(policy)
            for name, weight in self._shared(policy):
                if weight.grad is not None:
                    weight.grad.mul_(self._owners[name] == number)

    @torch.no_grad()
    def prune(self, policy: Policy, share: float) -> int:
        """Make the largest free weights of each matrix a new pack, wear it, and return its number."""
        self._note(policy)
        number = self._owned + 1
        for name, weight in self._shared(policy):
            free = (self._owners[name] == FREE).flatten()
            count = round(share * int(free.sum()))
            largest = weight.flatten().abs().masked_fill(~free, -1.0).topk(count).indices
            self._owners[name].view(-1)[largest] = number
        self._parts[number] = {name: part.clone() for name, part in self._parts[FREE].items()}
        self.wear(policy, number)
        return number

    @torch.no_grad()
    def freeze(self, policy: Policy) -> None:
        """Note the worn pack as it is now, for good."""
        for name, weight in self._shared(policy):
            self._weights[name] = torch.where(self._owners[name] == self._worn, weight, self._weights[name])
        self._parts[self._worn] = own_parts(policy)

    def state(self) -> State:
        """Return all of it."""
        return {
            "owners": dict(self._owners),
            "weights": dict(self._weights),
            "parts": [[number, dict(parts)] for number, parts in self._parts.items()],
            "worn": self._worn,
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._owners, self._weights = dict(state["owners"]), dict(state["weights"])
        self._parts = {number: dict(parts) for number, parts in state["parts"]}
        self._worn = state["worn"]

    def _seen(self, name: str, weight: Tensor, number: int) -> Tensor:
        """Return a shared weight as pack `number` sees it; `weight` may have rows of words learned since."""
        owners, kept = self._owners[name], self._weights[name]
        if number == FREE:
            return torch.cat([kept, weight.detach()[len(kept) :]])
        seen = torch.where((owners > FREE) & (owners <= number), kept, 0.0)
        return torch.cat([seen, torch.zeros_like(weight[len(kept) :])])

    @property
    def _owned(self) -> int:
        """How many packs there are."""
        return max(self._parts, default=FREE)

    def _note(self, policy: Policy) -> None:
        """Note the free weights, if they are worn."""
        self._grow(policy)
        if self._worn == FREE:
            for name, weight in self._shared(policy):
                self._weights[name] = torch.where(self._owners[name] == FREE, weight, self._weights[name])
            self._parts[FREE] = own_parts(policy)

    def _grow(self, policy: Policy) -> None:
        """Take in words that were learned since: they are free, and as they were drawn."""
        for name, weight in self._shared(policy):
            known = len(self._owners.get(name, ()))
            if known < len(weight):
                new = weight.detach()[known:].clone()
                owners = torch.zeros(new.shape, dtype=torch.uint8, device=new.device)
                self._weights[name] = torch.cat([self._weights[name], new]) if known else new
                self._owners[name] = torch.cat([self._owners[name], owners]) if known else owners

    def _shared(self, policy: Policy) -> Iterator[tuple[str, Tensor]]:
        return ((name, weight) for name, weight in policy.named_parameters() if not is_own(name, weight))
