"""A LoRA adapter per task: the first task trains all weights, every later one only its adapter.

The change is of low rank (LoRA, Hu et al., 2022) in every matrix, words and places included; biases, norms and the
value head each task has for itself. Which adapter is on, the task says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from agents.config.strategies import AdaptersConfig
from agents.continual import ContinualStrategy
from agents.continual.low_rank import LowRank
from agents.continual.quadratic_penalty import Named
from agents.continual.task_weights import Wardrobe, is_own, own_parts, put_on
from agents.memory import Memory
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State


class Adapters(ContinualStrategy):
    """Freeze what the first task taught, and learn each later one beside it."""

    config: AdaptersConfig

    def __init__(self, config: AdaptersConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._base: Named = {}
        """The matrices that all tasks share; empty until the first has been learned."""
        self._changes: dict[int, LowRank] = {}
        self._parts: dict[int, Named] = {}
        """What each task has for itself, by column."""
        self._running = self._worn = -1
        self._unfinished = -1
        """The task that is being learned, or was when another strategy took over."""
        self._wardrobe = Wardrobe()

    @torch.no_grad()
    def begin_task(self, policy: Policy, column: int) -> None:
        """Put a fresh adapter on. Switched on in mid-run, keep the agent as it is for the tasks that it knows."""
        for earlier in self.memory.lessons(without=column):
            if earlier not in self._changes or earlier == self._missed:
                self._keep(policy, earlier)
        if self._base and column == self._missed:
            self._keep(policy, column)
        self._wardrobe.clear()
        self._running = self._worn = self._unfinished = column
        if self._base:
            self._grow(policy)
            if column not in self._changes:
                self._changes[column] = LowRank.drawn(self._base.items(), self.config.rank, self.generator)
            self._parts.setdefault(column, own_parts(policy))
            self._show(policy, column)

    @torch.no_grad()
    def project(self, policy: Policy) -> None:
        """Pass the slope of each matrix on to its adapter; the matrix itself stays."""
        if self._base:
            change = self._changes[self._running]
            change.zero()
            for name, weight in _matrices(policy):
                if weight.grad is not None:
                    change.slope(name, weight.grad)
                    weight.grad.zero_()

    def gradients(self) -> Sequence[Tensor]:
        """Return the gradients of the running task's factors."""
        return self._changes[self._running].gradients if self._base else ()

    @torch.no_grad()
    def constrain(self, policy: Policy) -> None:
        """Move the adapter, and let the policy be what it makes of the matrices."""
        if self._base:
            self._changes[self._running].step(self.config.rate)
            self._apply(policy, self._running)

    @torch.no_grad()
    def activate(self, policy: Policy, column: int) -> None:
        """Put the task's adapter on; a task that has none sees what the running one sees."""
        target = self._target(column)
        if target != self._worn:
            if self._worn == self._running:
                self._parts[self._worn] = own_parts(policy)
            self._worn = target
            self._show(policy, target)

    def outfits(self, policy: Policy, columns: Iterable[int]) -> Mapping[int, Named]:
        """Return what each task's adapter makes of the network, where another one is on."""
        if self._running != self._worn:  # it still learns
            self._wardrobe.discard(self._running)
        targets = {column: self._target(column) for column in columns}
        return {
            column: self._wardrobe.outfit(target, policy, lambda target: self._outfit(policy, target))
            for column, target in targets.items()
            if target != self._worn
        }

    def leave(self, policy: Policy) -> None:
        """Go on with the running task's adapter as a part of the network."""
        self.activate(policy, self._running)
        if self._worn >= 0:
            self._running = self._worn = -1

    @torch.no_grad()
    def end_task(self, policy: Policy, column: int, rollout: Rollout) -> Iterable[None]:
        """Keep the adapter; after the first task, keep the network."""
        if column not in self._changes:
            self._keep(policy, column)
        self._changes[column].settle()
        self._parts[column] = own_parts(policy)
        self._unfinished = -1
        self._wardrobe.clear()
        return ()

    def state(self) -> State:
        """Return the network, the adapters and which is on."""
        return {
            "base": dict(self._base),
            "changes": [[column, change.state()] for column, change in self._changes.items()],
            "parts": [[column, dict(parts)] for column, parts in self._parts.items()],
            "running": self._running,
            "worn": self._worn,
            "unfinished": self._unfinished,
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._base = dict(state["base"])
        self._changes = {column: LowRank.restored(change) for column, change in state["changes"]}
        self._parts = {column: dict(parts) for column, parts in state["parts"]}
        self._running, self._worn = state["running"], state["worn"]
        self._unfinished = state["unfinished"]
        self._wardrobe.clear()

    @property
    def _missed(self) -> int:
        """Which task went on under another strategy: what its adapter was is less than what the agent knows now."""
        return self._unfinished if self._worn < 0 else -1

    def _target(self, column: int) -> int:
        """Return whose adapter a task wears: its own or the running one's; what is worn now while there are none."""
        target = column if column in self._changes else self._running
        return target if self._base and target in self._changes else self._worn

    def _outfit(self, policy: Policy, column: int) -> Named:
        """Return what `_show` would make of the policy, which stays as it is."""
        change = self._changes[column]
        shown = {name: change.applied(name, self._with_new(name, weight)) for name, weight in _matrices(policy)}
        return {**shown, **{name: part.clone() for name, part in self._parts[column].items()}}

    def _keep(self, policy: Policy, column: int) -> None:
        """Keep the agent as it is now as what knows this task: as the network itself, or by its difference to it."""
        weights = {name: weight.detach().clone() for name, weight in _matrices(policy)}
        if self._base:
            self._grow(policy)
            self._changes[column] = LowRank.between(self._base, weights.items())
        else:
            self._base = weights
            self._changes[column] = LowRank.drawn(weights.items(), self.config.rank, self.generator)
        self._parts[column] = own_parts(policy)

    def _show(self, policy: Policy, column: int) -> None:
        self._apply(policy, column)
        put_on(policy, self._parts[column])

    def _apply(self, policy: Policy, column: int) -> None:
        self._grow(policy)
        for name, weight in _matrices(policy):
            weight.copy_(self._changes[column].applied(name, self._base[name]))

    def _grow(self, policy: Policy) -> None:
        """Take in words that were learned since, as they were drawn: no adapter made before changes them."""
        for name, weight in _matrices(policy):
            if len(self._base[name]) < len(weight):
                self._base[name] = self._with_new(name, weight)

    def _with_new(self, name: str, weight: Tensor) -> Tensor:
        return torch.cat([self._base[name], weight.detach()[len(self._base[name]) :]])


def _matrices(policy: Policy) -> Iterator[tuple[str, Tensor]]:
    return ((name, weight) for name, weight in policy.named_parameters() if not is_own(name, weight))
