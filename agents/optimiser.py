"""Adam over one flat vector of all weights, instead of a loop over tensors.

Shapes: P is the number of trainable weights in all tensors together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from agents.errors import NotFinite

Named = dict[str, Tensor]
EPSILON = 1e-6
"""Adam's denominator term. With the usual 1e-8, rounding errors of a zero gradient would cause full-size steps."""


class FlatAdam:
    """Adam (Kingma & Ba, 2015, algorithm 1) on weights that are contiguous in memory.

    Every trainable weight, and its gradient, becomes a view into one vector (P,), so that a step is a few
    kernels instead of a few per tensor. Call `gather` after a parameter was replaced (an embedding that grew).
    """

    def __init__(self, module: nn.Module, eps: float = EPSILON, betas: tuple[float, float] = (0.9, 0.999)) -> None:
        self._module = module
        self._betas, self._eps = betas, eps
        self.steps = 0
        self._names: dict[str, nn.Parameter] = {}
        self._weights = self.gradient = self._first = self._second = torch.empty(0)
        self.gather()

    def gather(self) -> None:
        """Copy the weights into one flat vector, unless they are; old rows keep their moments, new rows start at 0."""
        named = {name: weight for name, weight in self._module.named_parameters() if weight.requires_grad}
        if self._is_gathered(named):
            return
        old_moments = self.moments()
        self._names = named
        self._weights = torch.cat([weight.detach().flatten() for weight in named.values()])
        self.gradient = torch.zeros_like(self._weights)
        self._first, self._second = torch.zeros_like(self._weights), torch.zeros_like(self._weights)
        for weight, view in zip(named.values(), self._views(self._weights), strict=True):
            weight.data = view
        self.restore(old_moments, self.steps)

    def zero_grad(self) -> None:
        """Set the gradient to 0."""
        self.gradient.zero_()
        # autograd accumulates in place into an existing .grad, and thereby writes into the flat vector
        for weight, view in zip(self._names.values(), self._views(self.gradient), strict=True):
            weight.grad = view

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Take one step with learning rate `rate`; no weight moves by much more than that."""
        self.steps += 1
        beta1, beta2 = self._betas
        self._first.lerp_(self.gradient, 1 - beta1)
        self._second.mul_(beta2).addcmul_(self.gradient, self.gradient, value=1 - beta2)
        # 1 - beta ** steps corrects the bias of moments that started at 0
        correction = math.sqrt(1 - beta2**self.steps)
        denominator = (self._second.sqrt() / correction).add_(self._eps)
        self._weights.addcdiv_(self._first, denominator, value=-rate / (1 - beta1**self.steps))

    def moments(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Return Adam's first and second moment of each weight, by name; views in the weight's own shape."""
        pairs = zip(self._views(self._first), self._views(self._second), strict=True)
        return dict(zip(self._names, pairs, strict=True))

    @torch.no_grad()
    def restore(self, moments: Mapping[str, tuple[Tensor, Tensor]], steps: int) -> None:
        """Restore Adam's first and second `moments` by weight, and the number of `steps` taken.

        Each moment has the shape its weight had then; rows that were appended to the weight since start at 0.
        """
        self.steps = steps
        for name, (first, second) in self.moments().items():
            if name in moments:
                rows = len(moments[name][0])
                first[:rows] = moments[name][0]
                second[:rows] = moments[name][1]

    def _views(self, flat: Tensor) -> list[Tensor]:
        """Return views of `flat`, (P,), in the shapes of the weights."""
        parts = flat.split([weight.numel() for weight in self._names.values()])
        return [part.view_as(weight) for part, weight in zip(parts, self._names.values(), strict=True)]

    def _is_gathered(self, named: Mapping[str, nn.Parameter]) -> bool:
        """Return whether these parameters are the views that the last `gather` made."""
        if not named or list(named) != list(self._names):
            return False
        views = self._views(self._weights)
        return all(
            weight is self._names[name] and weight.data_ptr() == view.data_ptr()
            for (name, weight), view in zip(named.items(), views, strict=True)
        )


def clip(gradients: Sequence[Tensor], max_norm: float, remedy: str = "learning.learning_rate") -> Tensor:
    """Scale `gradients` of any shapes in place so that their joint 2-norm is at most `max_norm`.

    Returns the norm before clipping, a scalar. Raises NotFinite, whose message advises to lower `remedy`, if the
    norm is NaN or infinite; the gradients are unchanged then.
    """
    # in float32, the sum of 100,000 squares would lose its fifth digit
    norms = [torch.linalg.vector_norm(gradient, dtype=torch.float64) for gradient in gradients]
    norm: Tensor = torch.linalg.vector_norm(torch.stack(norms))
    if not torch.isfinite(norm):
        raise NotFinite(f"gradient norm {norm.item():g}; lower {remedy}")
    factor = (max_norm / (norm + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(factor)
    return norm.to(gradients[0].dtype)
