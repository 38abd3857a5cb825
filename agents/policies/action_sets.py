"""The action phrases of every task as padded tensors, so that one batch can mix tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.policies import Observations


@dataclass(frozen=True, slots=True)
class ActionSets:
    """C tasks with at most A actions each, over K distinct opening tokens."""

    offered: Tensor
    """(C, A) whether the task has such an action."""
    tokens: Tensor
    """(K,) the distinct tokens that actions begin with."""
    places: Tensor
    """(C, A) where each action's first token stands in `tokens`."""
    short: Tensor
    """(C,) whether each of the task's actions is one token."""
    all_short: bool
    """Every task is short."""

    @classmethod
    def of(cls, phrases: Mapping[int, Sequence[Sequence[int]]], device: torch.device) -> ActionSets:
        """Tabulate tokenised phrases by column."""
        task_ids = max(phrases, default=-1) + 1
        widest = max((len(action_set) for action_set in phrases.values()), default=0)
        tokens = sorted({phrase[0] for action_set in phrases.values() for phrase in action_set})
        places = torch.zeros(task_ids, widest, dtype=torch.long)
        offered = torch.zeros(task_ids, widest, dtype=torch.bool)
        short = torch.ones(task_ids, dtype=torch.bool)
        for task_id, action_set in phrases.items():
            places[task_id, : len(action_set)] = torch.tensor([tokens.index(phrase[0]) for phrase in action_set])
            offered[task_id, : len(action_set)] = True
            short[task_id] = all(len(phrase) == 1 for phrase in action_set)
        tables = (offered, torch.tensor(tokens, dtype=torch.long), places, short)
        return cls(*tables, all_short=bool(short.all())).to(device)

    def read_at_once(self, task_ids: Tensor) -> bool:
        """Return whether none of these decisions offers a phrase of several tokens."""
        return self.all_short or bool(self.short[task_ids].all())

    def barred(self, observations: Observations) -> Tensor:
        """Return (B, A) which actions each decision cannot take: its task has no such, or may not choose them now."""
        offered = self.offered[observations.task_ids]
        if observations.allowed is not None:  # noted when menus were perhaps shorter
            missing = offered.shape[1] - observations.allowed.shape[1]
            offered = offered & F.pad(observations.allowed, (0, missing))
        return ~offered

    def to(self, device: torch.device) -> ActionSets:
        """Return the same tables on `device`."""
        if self.offered.device == device:
            return self
        tensors = {f.name: getattr(self, f.name).to(device) for f in fields(self) if f.name != "all_short"}
        return replace(self, **tensors)
