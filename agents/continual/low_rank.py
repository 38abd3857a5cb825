"""Low-rank changes of matrices (LoRA, Hu et al., 2022): W + B A, with far fewer numbers in B and A than in W."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.continual.quadratic_penalty import Named
from agents.optimiser import FlatAdam
from agents.state_tree import State


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
