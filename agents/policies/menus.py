"""What every task offers, as tensors: one look-up answers for decisions of many tasks at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Menus:
    """C tasks with at most A actions each, over K distinct opening tokens."""

    offered: Tensor
    """(C, A) whether the task has such an action."""
    tokens: Tensor
    """(K,) the distinct tokens that actions begin with."""
    places: Tensor
    """(C, A) where each action's first token stands in `tokens`."""
    short: bool
    """Every action is one token."""

    @classmethod
    def of(cls, phrases: Mapping[int, Sequence[Sequence[int]]], device: torch.device) -> Menus:
        """Tabulate tokenised phrases by column."""
        columns = max(phrases, default=-1) + 1
        widest = max((len(menu) for menu in phrases.values()), default=0)
        tokens = sorted({phrase[0] for menu in phrases.values() for phrase in menu})
        places = torch.zeros(columns, widest, dtype=torch.long)
        offered = torch.zeros(columns, widest, dtype=torch.bool)
        for column, menu in phrases.items():
            places[column, : len(menu)] = torch.tensor([tokens.index(phrase[0]) for phrase in menu])
            offered[column, : len(menu)] = True
        short = all(len(phrase) == 1 for menu in phrases.values() for phrase in menu)
        return cls(offered, torch.tensor(tokens, dtype=torch.long), places, short).to(device)

    def to(self, device: torch.device) -> Menus:
        """Return the same tables on `device`."""
        if self.offered.device == device:
            return self
        tensors = {f.name: getattr(self, f.name).to(device) for f in fields(self) if f.name != "short"}
        return replace(self, **tensors)
