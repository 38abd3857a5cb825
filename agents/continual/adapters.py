"""A LoRA adapter per task: the first task trains all weights, every later one only its adapter.

The change is of low rank (LoRA, Hu et al., 2022) in every matrix, words and places included; biases, norms and the
value head each task has for itself. Which adapter is on, the task says.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config.strategies import AdaptersConfig
from agents.continual import ContinualStrategy
from agents.continual.quadratic_penalty import Named
from agents.continual.task_weights import TaskWeights, TaskWeightsCache, is_own, load, own_parts
from agents.memory import Memory
from agents.optimiser import FlatAdam
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
        self._running = self._active = -1
        self._unfinished = -1
        """The task that is being learned, or was when another strategy took over."""
        self._cache: TaskWeightsCache[int] = TaskWeightsCache()

    @torch.no_grad()
    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Activate a new adapter. Switched on in mid-run, keep the agent as it is for the tasks that it knows."""
        for earlier in self.memory.consolidated(without=task_id):
            if earlier not in self._changes or earlier == self._missed:
                self._keep(policy, earlier)
        if self._base and task_id == self._missed:
            self._keep(policy, task_id)
        self._cache.clear()
        self._running = self._active = self._unfinished = task_id
        if self._base:
            self._grow(policy)
            if task_id not in self._changes:
                self._changes[task_id] = LowRank.drawn(self._base.items(), self.config.rank, self.generator)
            self._parts.setdefault(task_id, own_parts(policy))
            self._show(policy, task_id)

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
            self._changes[self._running].step(self.config.learning_rate)
            self._apply(policy, self._running)

    @torch.no_grad()
    def activate(self, policy: Policy, task_id: int) -> None:
        """Apply the task's adapter; a task that has none sees what the running one sees."""
        target = self._target(task_id)
        if target != self._active:
            if self._active == self._running:
                self._parts[self._active] = own_parts(policy)
            self._active = target
            self._show(policy, target)

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return what each task's adapter makes of the network, where another one is active."""
        self._cache.discard(self._running)  # it still learns
        targets = {task_id: self._target(task_id) for task_id in task_ids}
        return self._cache.by_task(policy, targets, self._active, partial(self._adapted, policy))

    def leave(self, policy: Policy) -> None:
        """Go on with the running task's adapter as a part of the network."""
        self.activate(policy, self._running)
        if self._active >= 0:
            self._running = self._active = -1

    @torch.no_grad()
    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Keep the adapter; after the first task, keep the network."""
        if task_id not in self._changes:
            self._keep(policy, task_id)
        self._changes[task_id].settle()
        self._parts[task_id] = own_parts(policy)
        self._unfinished = -1
        self._cache.clear()
        return ()

    def state(self) -> State:
        """Return the network, the adapters and which is active."""
        return {
            "base": dict(self._base),
            "changes": [[task_id, change.state()] for task_id, change in self._changes.items()],
            "parts": [[task_id, dict(parts)] for task_id, parts in self._parts.items()],
            "running": self._running,
            "worn": self._active,
            "unfinished": self._unfinished,
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._base = dict(state["base"])
        self._changes = {task_id: LowRank.restored(change) for task_id, change in state["changes"]}
        self._parts = {task_id: dict(parts) for task_id, parts in state["parts"]}
        self._running, self._active = state["running"], state["worn"]
        self._unfinished = state["unfinished"]
        self._cache.clear()

    @property
    def _missed(self) -> int:
        """Which task went on under another strategy: what its adapter was is less than what the agent knows now."""
        return self._unfinished if self._active < 0 else -1

    def _target(self, task_id: int) -> int:
        """Return whose adapter a task has: its own or the running one's; the active one while there are none."""
        target = task_id if task_id in self._changes else self._running
        return target if self._base and target in self._changes else self._active

    def _adapted(self, policy: Policy, task_id: int) -> Named:
        """Return what `_show` would make of the policy, which stays as it is."""
        change = self._changes[task_id]
        shown = {name: change.applied(name, self._with_new(name, weight)) for name, weight in _matrices(policy)}
        return {**shown, **{name: part.clone() for name, part in self._parts[task_id].items()}}

    def _keep(self, policy: Policy, task_id: int) -> None:
        """Keep the agent as it is now as what knows this task: as the network itself, or by its difference to it."""
        weights = {name: weight.detach().clone() for name, weight in _matrices(policy)}
        if self._base:
            self._grow(policy)
            self._changes[task_id] = LowRank.between(self._base, weights.items())
        else:
            self._base = weights
            self._changes[task_id] = LowRank.drawn(weights.items(), self.config.rank, self.generator)
        self._parts[task_id] = own_parts(policy)

    def _show(self, policy: Policy, task_id: int) -> None:
        self._apply(policy, task_id)
        load(policy, self._parts[task_id])

    def _apply(self, policy: Policy, task_id: int) -> None:
        self._grow(policy)
        for name, weight in _matrices(policy):
            weight.copy_(self._changes[task_id].applied(name, self._base[name]))

    def _grow(self, policy: Policy) -> None:
        """Take in words that were learned since, as they were drawn: no adapter made before changes them."""
        for name, weight in _matrices(policy):
            if len(self._base[name]) < len(weight):
                self._base[name] = self._with_new(name, weight)

    def _with_new(self, name: str, weight: Tensor) -> Tensor:
        return torch.cat([self._base[name], weight.detach()[len(self._base[name]) :]])


def _matrices(policy: Policy) -> Iterator[tuple[str, Tensor]]:
    return ((name, weight) for name, weight in policy.named_parameters() if not is_own(name, weight))


def _key(name: str, part: str) -> str:
    """Return what a factor is called in a `ParameterDict`, which allows no dots."""
    return f"{name.replace('.', '/')}:{part}"


class LowRank:
    """Factors B (out, r) and A (r, in) of each matrix by its name, and how they are trained."""

    def __init__(self, factors: Mapping[str, Tensor]) -> None:
        self._factors = nn.ParameterDict({key: nn.Parameter(factor) for key, factor in factors.items()})
        self._adam: FlatAdam | None = None

    @classmethod
    def drawn(cls, matrices: Iterable[tuple[str, Tensor]], rank: int, generator: torch.Generator) -> LowRank:
        """Return a change that changes nothing yet: A is random, B is 0."""
        factors: Named = {}
        for name, matrix in matrices:
            rows, width = matrix.shape
            drawn = torch.randn(rank, width, generator=generator) / math.sqrt(width)
            factors[_key(name, "a")] = drawn.to(matrix)
            factors[_key(name, "b")] = torch.zeros(rows, rank, dtype=matrix.dtype, device=matrix.device)
        return cls(factors)

    @classmethod
    def between(cls, before: Named, after: Iterable[tuple[str, Tensor]]) -> LowRank:
        """Return the change from `before` to `after`, whatever its rank."""
        factors: Named = {}
        for name, matrix in after:
            factors[_key(name, "a")] = torch.eye(matrix.shape[1], dtype=matrix.dtype, device=matrix.device)
            factors[_key(name, "b")] = matrix.detach() - before[name]
        return cls(factors)

    @torch.no_grad()
    def applied(self, name: str, matrix: Tensor) -> Tensor:
        """Return W + B A; rows that the matrix has gained since are not changed."""
        change = self._factors[_key(name, "b")] @ self._factors[_key(name, "a")]
        return matrix + F.pad(change, (0, 0, 0, len(matrix) - len(change)))

    def zero(self) -> None:
        """Forget the gradients."""
        for factor in self._factors.values():
            factor.grad = None

    @property
    def gradients(self) -> list[Tensor]:
        """The gradient of each factor that has one."""
        return [factor.grad for factor in self._factors.values() if factor.grad is not None]

    @torch.no_grad()
    def slope(self, name: str, slope: Tensor) -> None:
        """Turn the slope of the loss in W into those in A and B: Bᵀ G and G Aᵀ."""
        a, b = self._factors[_key(name, "a")], self._factors[_key(name, "b")]
        known = slope[: len(b)]
        a.grad, b.grad = b.T @ known, known @ a.T

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Take a step of Adam along the slopes."""
        slopes = {name: factor.grad for name, factor in self._factors.items()}
        adam = self._optimiser()
        adam.zero()
        for name, factor in self._factors.items():
            if (slope := slopes[name]) is not None and factor.grad is not None:
                factor.grad.copy_(slope)
        adam.step(rate)

    @property
    def size(self) -> int:
        """How many numbers the factors have."""
        return sum(factor.numel() for factor in self._factors.values())

    def state(self) -> State:
        """Return the factors, and Adam's memory of them."""
        factors = {name: factor.detach() for name, factor in self._factors.items()}
        if self._adam is None:
            return {"factors": factors, "steps": 0, "first": {}, "second": {}}
        first, second = ({name: pair[i] for name, pair in self._adam.moments().items()} for i in (0, 1))
        return {"factors": factors, "steps": self._adam.steps, "first": first, "second": second}

    @classmethod
    def restored(cls, state: State) -> LowRank:
        """Return what `state` was taken of."""
        change = cls({name: factor.clone() for name, factor in state["factors"].items()})
        if state["steps"]:
            moments = {name: (first, state["second"][name]) for name, first in state["first"].items()}
            change._optimiser().restore(moments, state["steps"])
        return change

    def settle(self) -> None:
        """Forget how it was trained: it is not trained any more."""
        self._adam = None

    def _optimiser(self) -> FlatAdam:
        if self._adam is None:
            self._adam = FlatAdam(self._factors)
        return self._adam
