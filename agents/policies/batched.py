"""Batch a policy's forward passes, and reuse its outputs for equal sentences while its weights are unchanged.

Shapes: B sentences, A actions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from agents.policies import Policy

Rows = NDArray[np.int64]
Numbers = NDArray[np.float32]


class BatchedPolicy:
    """A cache of a policy's log-probabilities and values for sentences of one task, valid until its weights change.

    Without `reuse`, every sentence is computed again; the results are the same.
    """

    def __init__(self, policy: Policy, task_id: int, *, reuse: bool = True) -> None:
        self._policy, self._task_id, self._reuse = policy, task_id, reuse
        self._rows: dict[str, int] = {}
        self._log_probs: list[Numbers] = []
        self._values: list[float] = []

    def rows_for(self, texts: Sequence[str]) -> Rows:
        """Return the row (B,) of each sentence's outputs in the cache, computing all new ones in one forward pass."""
        if not self._reuse:
            first = len(self._values)
            self._compute(texts)
            return np.arange(first, first + len(texts))
        new = list(dict.fromkeys(text for text in texts if text not in self._rows))
        if new:
            self._rows.update(zip(new, range(len(self._values), len(self._values) + len(new)), strict=True))
            self._compute(new)
        return np.fromiter((self._rows[text] for text in texts), dtype=np.int64, count=len(texts))

    def log_probs(self, rows: Rows) -> Numbers:
        """Return the log-probability of each action, (B, A), at `rows` (B,)."""
        return np.stack([self._log_probs[row] for row in rows])

    def values(self, rows: Rows) -> Numbers:
        """Return the value of each sentence, (B,), at `rows` (B,)."""
        return np.fromiter((self._values[row] for row in rows), dtype=np.float32, count=len(rows))

    def _compute(self, texts: Sequence[str]) -> None:
        with torch.inference_mode():
            actions, values = self._policy(self._policy.encode(texts, [self._task_id] * len(texts)))
            outputs = torch.cat([actions.logits.float(), values.float()[:, None]], 1)
        arrays = outputs.cpu().numpy()  # one transfer, so that a GPU is waited for once
        self._log_probs.extend(arrays[:, :-1])
        self._values.extend(arrays[:, -1].tolist())


def likeliest(log_probs: Numbers, generator: torch.Generator) -> Rows:
    """Return the likeliest action of each row, (B,), of (B, A); random among ties, or an empty table would loop."""
    best = log_probs == log_probs.max(1, keepdims=True)
    if (best.sum(1) == 1).all():  # without ties, nothing is drawn from the generator
        return np.asarray(best.argmax(1), dtype=np.int64)
    return draw_rows(np.where(best, np.float32(0), np.float32(-np.inf)), generator)


def draw_rows(log_probs: Numbers, generator: torch.Generator) -> Rows:
    """Sample an action index for each row of log-probabilities: (B,) of (B, A), on the generator's device."""
    probabilities = torch.from_numpy(log_probs).to(generator.device).exp()
    chosen: Rows = torch.multinomial(probabilities, 1, generator=generator).squeeze(1).cpu().numpy()
    return chosen
