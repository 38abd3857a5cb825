"""Adam over one flat vector of all weights, instead of a loop over tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from agents.errors import NotFinite

Named = dict[str, Tensor]
EPSILON = 1e-6
"""Adam's guard against dividing by 0. The usual 1e-8 would turn mere rounding of a gradient into whole steps."""


class FlatAdam:
    """Adam (Kingma & Ba, 2015), exactly, on weights that lie side by side in memory.

    Each trainable weight becomes a view into one flat vector, and so does its gradient.
    A weight that was replaced meanwhile (an embedding that grew) is taken in by `gather`.
    """

    def __init__(self, module: nn.Module, eps: float = EPSILON, betas: tuple[float, float] = (0.9, 0.999)) -> None:
        self._module = module
        self._betas, self._eps = betas, eps
        self.steps = 0
        self._names: dict[str, nn.Parameter] = {}
        self._weights = self.gradient = self._first = self._second = torch.empty(0)
        self.gather()

    def gather(self) -> None:
        """Lay the weights side by side, unless they are; moments of old rows stay, new ones start at 0."""
        named = {name: weight for name, weight in self._module.named_parameters() if weight.requires_grad}
        if self._in_place(named):
            return
        old = self.moments()
        self._names = named
        self._weights = torch.cat([weight.detach().flatten() for weight in named.values()])
        self.gradient = torch.zeros_like(self._weights)
        self._first, self._second = torch.zeros_like(self._weights), torch.zeros_like(self._weights)
        for weight, part in zip(named.values(), self._views(self._weights), strict=True):
            weight.data = part
        self.restore(old, self.steps)

    def zero(self) -> None:
        """Forget the gradient."""
        self.gradient.zero_()
        for weight, part in zip(self._names.values(), self._views(self.gradient), strict=True):
            weight.grad = part

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move every weight against the gradient, at most by about `rate`."""
        self.steps += 1
        fade_first, fade_second = self._betas
        self._first.lerp_(self.gradient, 1 - fade_first)
        self._second.mul_(fade_second).addcmul_(self.gradient, self.gradient, value=1 - fade_second)
        scale = math.sqrt(1 - fade_second**self.steps)
        spread = (self._second.sqrt() / scale).add_(self._eps)
        self._weights.addcdiv_(self._first, spread, value=-rate / (1 - fade_first**self.steps))

    def moments(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Return the running means of each weight's gradient and its square, by name."""
        pairs = zip(self._views(self._first), self._views(self._second), strict=True)
        return dict(zip(self._names, pairs, strict=True))

    @torch.no_grad()
    def restore(self, moments: Mapping[str, tuple[Tensor, Tensor]], steps: int) -> None:
        """Continue from `moments` taken after `steps`; rows that a weight has gained since start at 0."""
        self.steps = steps
        for name, (first, second) in self.moments().items():
            if name in moments:
                rows = len(moments[name][0])
                first[:rows] = moments[name][0]
                second[:rows] = moments[name][1]

    def _views(self, flat: Tensor) -> list[Tensor]:
        parts = flat.split([weight.numel() for weight in self._names.values()])
        return [part.view_as(weight) for part, weight in zip(parts, self._names.values(), strict=True)]

    def _in_place(self, named: Mapping[str, nn.Parameter]) -> bool:
        if not named or list(named) != list(self._names):
            return False
        parts = self._views(self._weights)
        return all(
            weight is self._names[name] and weight.data_ptr() == part.data_ptr()
            for (name, weight), part in zip(named.items(), parts, strict=True)
        )


def clip(gradients: Sequence[Tensor], largest: float, remedy: str = "learning.learning_rate") -> Tensor:
    """Scale all `gradients` in place by one factor, so that their common norm is at most `largest`; return the norm.

    What is returned is the norm that they had, a scalar. Raises NotFinite, which tells to lower `remedy`, where it is
    no number; the gradients are not changed then.
    """
    # summed up in single precision, 100,000 squares would lose the fifth digit
    norms = [torch.linalg.vector_norm(gradient, dtype=torch.float64) for gradient in gradients]
    norm: Tensor = torch.linalg.vector_norm(torch.stack(norms))
    if not torch.isfinite(norm):
        raise NotFinite(f"gradient norm {norm.item():g}; lower {remedy}")
    factor = (largest / (norm + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(factor)
    return norm.to(gradients[0].dtype)
