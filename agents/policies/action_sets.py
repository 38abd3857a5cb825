"""The action phrases of every task as padded tensors, so that one batch can mix tasks.

Shapes: C tasks with at most A actions each, K distinct first tokens, B decisions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.policies import Observations


@dataclass(frozen=True, slots=True)
class ActionSets:
    """The tokenised action sets of C tasks, as tables indexed by task id."""

    offered: Tensor
    """(C, A) False for padding beyond the task's own actions."""
    tokens: Tensor
    """(K,) the distinct first tokens of all phrases."""
    first_tokens: Tensor
    """(C, A) index into `tokens` of each action's first token."""
    single_token: Tensor
    """(C,) whether all of the task's phrases have one token."""
    all_single_token: bool
    """Whether `single_token` is true for all tasks; a Python bool, since reading a tensor waits for the device."""

    @classmethod
    def of(cls, phrases: Mapping[int, Sequence[Sequence[int]]], device: torch.device) -> ActionSets:
        """Build the tables from the tokenised phrases of each task id."""
        count = max(phrases, default=-1) + 1
        longest = max((len(action_set) for action_set in phrases.values()), default=0)
        tokens = sorted({phrase[0] for action_set in phrases.values() for phrase in action_set})
        first_tokens = torch.zeros(count, longest, dtype=torch.long)
        offered = torch.zeros(count, longest, dtype=torch.bool)
        single_token = torch.ones(count, dtype=torch.bool)
        for task_id, action_set in phrases.items():
            first_tokens[task_id, : len(action_set)] = torch.tensor([tokens.index(phrase[0]) for phrase in action_set])
            offered[task_id, : len(action_set)] = True
            single_token[task_id] = all(len(phrase) == 1 for phrase in action_set)
        tables = (offered, torch.tensor(tokens, dtype=torch.long), first_tokens, single_token)
        return cls(*tables, all_single_token=bool(single_token.all())).to(device)

    def are_single_token(self, task_ids: Tensor) -> bool:
        """Return whether all phrases of these `task_ids` (B,) have one token."""
        return self.all_single_token or bool(self.single_token[task_ids].all())

    def unavailable(self, observations: Observations) -> Tensor:
        """Return the mask (B, A) of the actions that a decision cannot take: padding, or not allowed now."""
        offered = self.offered[observations.task_ids]
        if observations.allowed is not None:  # it may be from a time when all action sets were shorter
            missing = offered.shape[1] - observations.allowed.shape[1]
            offered = offered & F.pad(observations.allowed, (0, missing))
        return ~offered

    def to(self, device: torch.device) -> ActionSets:
        """Return the same tables on `device`."""
        if self.offered.device == device:
            return self
        tensors = {f.name: getattr(self, f.name).to(device) for f in fields(self) if f.name != "all_single_token"}
        return replace(self, **tensors)
