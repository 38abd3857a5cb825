"""Rollouts of two kinds of decisions, writing and acting, joined into one to learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from agents.instructions.writer import Mask
from agents.policies import Policy
from agents.policies.batched import Numbers
from agents.rollout import Rollout


@dataclass(slots=True)
class Decision:
    """One decision of the writer or the actor, and what came of it."""

    text: str
    task_id: int
    choice: int
    log_prob: float
    value: float
    allowed: Mask
    """(A,) what it could choose."""
    reward: float = 0.0
    steps: int = 0
    """How many it has lasted."""
    is_final: bool = False
    """Nothing follows it."""
    cut: str | None = None
    """The sentence that follows it, where the stream does not go on."""
    partial: bool = False
    """Whether what it is a part of, from one final decision to the next, began before its stream, or is cut."""


Stream = Sequence[Decision]
"""Decisions of one kind in one world, each followed by the next unless it is final or cut."""
Expect = Callable[[Sequence[str], int], Numbers]
"""Returns the values of sentences, read in a column."""


def laid_out(streams: Sequence[Stream], policy: Policy, expect: Expect, metrics: Mapping[str, float]) -> Rollout:
    """Return a rollout of one world, (L, 1), that lives through all `streams` in turn. Each must end final or cut."""
    every = [decision for stream in streams for decision in stream]
    observations = policy.encode([each.text for each in every], [each.task_id for each in every])
    device = observations.rows.device

    def tensor(numbers: Sequence[float], kind: torch.dtype = torch.float32) -> Tensor:
        return torch.tensor(numbers, dtype=kind, device=device)[:, None]

    return Rollout(
        replace(observations, allowed=torch.from_numpy(_allowed(every)).to(device)),
        tensor([each.choice for each in every], torch.long),
        tensor([each.log_prob for each in every]),
        tensor([each.value for each in every]),
        tensor([each.reward for each in every]),
        tensor([float(each.is_final) for each in every]),
        tensor([float(each.cut is not None) for each in every]),
        tensor(_final_values(every, expect)),
        torch.zeros(1, device=device),
        durations=tensor([float(each.steps) for each in every]),
        partial=tensor([each.partial for each in every], torch.bool),
        extra_metrics=metrics,
    )


def mark_partial(stream: Stream, *, begun: bool) -> None:
    """Mark the decisions of what is cut, and with `begun` also of what the stream's first decision goes on with."""
    start = 0
    for place, decision in enumerate(stream):
        if decision.is_final or decision.cut is not None:
            for each in stream[start : place + 1]:
                each.partial = decision.cut is not None or (begun and start == 0)
            start = place + 1


def _allowed(every: Stream) -> Mask:
    table = np.zeros((len(every), max(len(each.allowed) for each in every)), dtype=np.bool_)
    for row, each in zip(table, every, strict=True):
        row[: len(each.allowed)] = each.allowed
    return table


def _final_values(every: Stream, expect: Expect) -> list[float]:
    values = [0.0] * len(every)
    for task_id in dict.fromkeys(each.task_id for each in every):
        places = [place for place, each in enumerate(every) if each.task_id == task_id and each.cut is not None]
        found = expect([every[place].cut or "" for place in places], task_id)
        for place, value in zip(places, found, strict=True):
            values[place] = float(value)
    return values
