"""A LoRA adapter per task: the first task trains all weights, every later one only its adapter.

Every matrix W (O, I), embeddings included, becomes W + B A with B (O, R) and A (R, I) (LoRA, Hu et al., 2022).
Biases, norms and the value head are not adapted: each task has its own copy. The task id selects the adapter.

The policy always holds the merged weights W + B A, so acting costs nothing extra. The gradient G of the merged matrix
is passed on to the factors after the backward pass: ∂L/∂A = Bᵀ G, ∂L/∂B = G Aᵀ.
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
from agents.continual.quadratic_penalty import NamedTensors
from agents.continual.task_weights import (
    TaskWeights,
    TaskWeightsCache,
    copy_task_specific,
    is_task_specific,
    load_weights,
)
from agents.memory import Memory
from agents.optimiser import FlatAdam
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State


class Adapters(ContinualStrategy):
    """Freeze the matrices after the first task, and train a low-rank adapter for each later one."""

    config: AdaptersConfig

    def __init__(self, config: AdaptersConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._base: NamedTensors = {}
        """The frozen matrices W that all tasks share; empty until the first task has been learned."""
        self._adapters: dict[int, LowRank] = {}
        self._task_specific: dict[int, NamedTensors] = {}
        """Biases, norms and value head, by task id."""
        self._running = self._active = -1
        """Task ids: of the running task, and of the adapter that the policy holds; -1: none."""
        self._unfinished = -1
        """Id of the task whose stage has not ended under this strategy; another strategy may have taken over since."""
        self._cache: TaskWeightsCache[int] = TaskWeightsCache()

    @torch.no_grad()
    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Activate a new adapter.

        If the strategy was switched on during the run, first store the current weights as the adapter of each earlier
        task.
        """
        for earlier in self.memory.consolidated(without=task_id):
            if earlier not in self._adapters or earlier == self._outdated:
                self._store_current(policy, earlier)
        if self._base and task_id == self._outdated:
            self._store_current(policy, task_id)
        self._cache.clear()
        self._running = self._active = self._unfinished = task_id
        if self._base:
            self._grow(policy)
            if task_id not in self._adapters:
                self._adapters[task_id] = LowRank.random(self._base.items(), self.config.rank, self.generator)
            self._task_specific.setdefault(task_id, copy_task_specific(policy))
            self._load_adapter(policy, task_id)

    @torch.no_grad()
    def project(self, policy: Policy) -> None:
        """Move the gradient of each matrix to its adapter's factors, and zero it: the matrix itself is frozen."""
        if self._base:
            adapter = self._adapters[self._running]
            adapter.zero_grad()
            for name, weight in _matrices(policy):
                if weight.grad is not None:
                    adapter.backward(name, weight.grad)
                    weight.grad.zero_()

    def gradients(self) -> Sequence[Tensor]:
        """Return the gradients of the running task's factors, (R, I) and (O, R) of each matrix."""
        return self._adapters[self._running].gradients if self._base else ()

    @torch.no_grad()
    def constrain(self, policy: Policy) -> None:
        """Take an optimiser step on the adapter, and load the merged weights into the policy."""
        if self._base:
            self._adapters[self._running].step(self.config.learning_rate)
            self._apply(policy, self._running)

    @torch.no_grad()
    def activate(self, policy: Policy, task_id: int) -> None:
        """Load the task's adapter; a task without one uses that of the running task."""
        target = self._target(task_id)
        if target != self._active:
            if self._active == self._running:  # these are trained in the policy itself
                self._task_specific[self._active] = copy_task_specific(policy)
            self._active = target
            self._load_adapter(policy, target)

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return the merged weights of each task whose adapter is not active."""
        self._cache.discard(self._running)  # still in training
        targets = {task_id: self._target(task_id) for task_id in task_ids}
        return self._cache.by_task(policy, targets, self._active, partial(self._adapted, policy))

    def deactivate(self, policy: Policy) -> None:
        """Load the running task's merged weights, and stop adapting."""
        self.activate(policy, self._running)
        if self._active >= 0:
            self._running = self._active = -1

    @torch.no_grad()
    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Freeze the adapter, or after the first task the network."""
        if task_id not in self._adapters:
            self._store_current(policy, task_id)
        self._adapters[task_id].drop_optimiser()
        self._task_specific[task_id] = copy_task_specific(policy)
        self._unfinished = -1
        self._cache.clear()
        return ()

    def state(self) -> State:
        """Return the frozen matrices, the adapters and which is active."""
        return {
            "base": dict(self._base),
            "adapters": [[task_id, adapter.state()] for task_id, adapter in self._adapters.items()],
            "task_specific": [[task_id, dict(weights)] for task_id, weights in self._task_specific.items()],
            "running": self._running,
            "active": self._active,
            "unfinished": self._unfinished,
        }

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._base = dict(state["base"])
        self._adapters = {task_id: LowRank.restored(adapter) for task_id, adapter in state["adapters"]}
        self._task_specific = {task_id: dict(weights) for task_id, weights in state["task_specific"]}
        self._running, self._active = state["running"], state["active"]
        self._unfinished = state["unfinished"]
        self._cache.clear()

    @property
    def _outdated(self) -> int:
        """Id of the task that another strategy has trained since, which makes its adapter outdated; -1: none."""
        return self._unfinished if self._active < 0 else -1

    def _target(self, task_id: int) -> int:
        """Return the id of the task whose adapter to use: its own, else the running one's, else the active one."""
        target = task_id if task_id in self._adapters else self._running
        return target if self._base and target in self._adapters else self._active

    def _adapted(self, policy: Policy, task_id: int) -> NamedTensors:
        """Return the weights that `_load_adapter` would load, by name, without changing the policy."""
        adapter = self._adapters[task_id]
        merged = {name: adapter.merge(name, self._with_new_rows(name, weight)) for name, weight in _matrices(policy)}
        return {**merged, **{name: weight.clone() for name, weight in self._task_specific[task_id].items()}}

    def _store_current(self, policy: Policy, task_id: int) -> None:
        """Store the policy's current weights for this task: as the frozen matrices, or as a difference to these."""
        weights = {name: weight.detach().clone() for name, weight in _matrices(policy)}
        if self._base:
            self._grow(policy)
            self._adapters[task_id] = LowRank.between(self._base, weights.items())
        else:
            self._base = weights
            self._adapters[task_id] = LowRank.random(weights.items(), self.config.rank, self.generator)
        self._task_specific[task_id] = copy_task_specific(policy)

    def _load_adapter(self, policy: Policy, task_id: int) -> None:
        self._apply(policy, task_id)
        load_weights(policy, self._task_specific[task_id])

    def _apply(self, policy: Policy, task_id: int) -> None:
        self._grow(policy)
        for name, weight in _matrices(policy):
            weight.copy_(self._adapters[task_id].merge(name, self._base[name]))

    def _grow(self, policy: Policy) -> None:
        """Add the rows that the policy's matrices have gained, with their initial values; no adapter changes them."""
        for name, weight in _matrices(policy):
            if len(self._base[name]) < len(weight):
                self._base[name] = self._with_new_rows(name, weight)

    def _with_new_rows(self, name: str, weight: Tensor) -> Tensor:
        return torch.cat([self._base[name], weight.detach()[len(self._base[name]) :]])


def _matrices(policy: Policy) -> Iterator[tuple[str, Tensor]]:
    return ((name, weight) for name, weight in policy.named_parameters() if not is_task_specific(name, weight))


def _key(name: str, factor: str) -> str:
    """Return the key of a factor in a `ParameterDict`, which allows no dots."""
    return f"{name.replace('.', '/')}:{factor}"


class LowRank:
    """Factors B (O, R) and A (R, I) of each matrix, by the matrix's name, with their optimiser."""

    def __init__(self, factors: Mapping[str, Tensor]) -> None:
        self._factors = nn.ParameterDict({key: nn.Parameter(factor) for key, factor in factors.items()})
        self._adam: FlatAdam | None = None

    @classmethod
    def random(cls, matrices: Iterable[tuple[str, Tensor]], rank: int, generator: torch.Generator) -> LowRank:
        """Return an adapter with random A (R, I) and B (O, R) = 0, so that B A is 0."""
        factors: NamedTensors = {}
        for name, matrix in matrices:
            rows, width = matrix.shape
            values = torch.randn(rank, width, generator=generator) / math.sqrt(width)
            factors[_key(name, "a")] = values.to(matrix)
            factors[_key(name, "b")] = torch.zeros(rows, rank, dtype=matrix.dtype, device=matrix.device)
        return cls(factors)

    @classmethod
    def between(cls, before: NamedTensors, after: Iterable[tuple[str, Tensor]]) -> LowRank:
        """Return an adapter of full rank with B A = `after` − `before`: A is the identity (I, I), B is (O, I)."""
        factors: NamedTensors = {}
        for name, matrix in after:
            factors[_key(name, "a")] = torch.eye(matrix.shape[1], dtype=matrix.dtype, device=matrix.device)
            factors[_key(name, "b")] = matrix.detach() - before[name]
        return cls(factors)

    @torch.no_grad()
    def merge(self, name: str, matrix: Tensor) -> Tensor:
        """Return W + B A (O, I) for the matrix W (O, I); rows that W has gained since are not changed."""
        change = self._factors[_key(name, "b")] @ self._factors[_key(name, "a")]
        return matrix + F.pad(change, (0, 0, 0, len(matrix) - len(change)))

    def zero_grad(self) -> None:
        """Set the gradients of A and B to None."""
        for factor in self._factors.values():
            factor.grad = None

    @property
    def gradients(self) -> list[Tensor]:
        """Gradients of the factors that have one, (R, I) or (O, R)."""
        return [factor.grad for factor in self._factors.values() if factor.grad is not None]

    @torch.no_grad()
    def backward(self, name: str, gradient: Tensor) -> None:
        """Set the gradients of A and B to Bᵀ G and G Aᵀ, given the gradient G (O, I) of the merged matrix."""
        a, b = self._factors[_key(name, "a")], self._factors[_key(name, "b")]
        adapted = gradient[: len(b)]  # without rows that the matrix has gained since
        a.grad, b.grad = b.T @ adapted, adapted @ a.T

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Take an Adam step on the factors."""
        gradients = {name: factor.grad for name, factor in self._factors.items()}
        adam = self._optimiser()
        # Adam works on one flat gradient, to which `zero` makes each `factor.grad` a view: copy the gradients into it
        adam.zero_grad()
        for name, factor in self._factors.items():
            if (gradient := gradients[name]) is not None and factor.grad is not None:
                factor.grad.copy_(gradient)
        adam.step(learning_rate)

    @property
    def size(self) -> int:
        """Total number of elements of the factors."""
        return sum(factor.numel() for factor in self._factors.values())

    def state(self) -> State:
        """Return the factors, and Adam's moments of them."""
        factors = {name: factor.detach() for name, factor in self._factors.items()}
        if self._adam is None:
            return {"factors": factors, "steps": 0, "first": {}, "second": {}}
        first, second = ({name: pair[i] for name, pair in self._adam.moments().items()} for i in (0, 1))
        return {"factors": factors, "steps": self._adam.steps, "first": first, "second": second}

    @classmethod
    def restored(cls, state: State) -> LowRank:
        """Return the adapter that `state` was taken of."""
        adapter = cls({name: factor.clone() for name, factor in state["factors"].items()})
        if state["steps"]:
            moments = {name: (first, state["second"][name]) for name, first in state["first"].items()}
            adapter._optimiser().restore(moments, state["steps"])
        return adapter

    def drop_optimiser(self) -> None:
        """Free Adam's moments once training has ended."""
        self._adam = None

    def _optimiser(self) -> FlatAdam:
        if self._adam is None:
            self._adam = FlatAdam(self._factors)
        return self._adam
