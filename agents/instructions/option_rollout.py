"""Rollouts that join the decisions of the writer and of the actor.

Shapes: L decisions of all streams, A actions of the largest action set.
"""

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
    """One decision of the writer or the actor, with its outcome."""

    text: str
    task_id: int
    choice: int
    log_prob: float
    value: float
    allowed: Mask
    """(A,) which actions could be chosen."""
    reward: float = 0.0
    steps: int = 0
    """Number of environment steps until the next decision of the same kind."""
    is_final: bool = False
    """Whether the episode, or for the actor the instruction, ends with it."""
    cut: str | None = None
    """The next prompt, if the stream ends without being final: its value is bootstrapped from."""
    partial: bool = False
    """Whether its segment, from one final decision to the next, began before the stream or is cut."""


Stream = Sequence[Decision]
"""Decisions of one kind in one environment, each followed by the next unless it is final or cut."""
ValueFunction = Callable[[Sequence[str], int], Numbers]
"""Returns the values (len(sentences),) of sentences in a task."""


def build_option_rollout(
    streams: Sequence[Stream], policy: Policy, values_of: ValueFunction, metrics: Mapping[str, float]
) -> Rollout:
    """Concatenate all streams to a rollout (L, 1) of one environment. Each must end with a final or cut decision."""
    decisions = [decision for stream in streams for decision in stream]
    observations = policy.encode([each.text for each in decisions], [each.task_id for each in decisions])
    device = observations.rows.device

    def column(numbers: Sequence[float], dtype: torch.dtype = torch.float32) -> Tensor:
        """Return numbers as a column (L, 1)."""
        return torch.tensor(numbers, dtype=dtype, device=device)[:, None]

    return Rollout(
        replace(observations, allowed=torch.from_numpy(_allowed_mask(decisions)).to(device)),
        column([each.choice for each in decisions], torch.long),
        column([each.log_prob for each in decisions]),
        column([each.value for each in decisions]),
        column([each.reward for each in decisions]),
        column([float(each.is_final) for each in decisions]),
        column([float(each.cut is not None) for each in decisions]),
        column(_final_values(decisions, values_of)),
        torch.zeros(1, device=device),
        durations=column([float(each.steps) for each in decisions]),
        partial=column([each.partial for each in decisions], torch.bool),
        extra_metrics=metrics,
    )


def mark_partial(stream: Stream, *, begun: bool) -> None:
    """Set `partial` for the decisions of segments that are cut, and if `begun`, of the first segment of the stream.

    `begun` is whether the first segment started in an earlier rollout.
    """
    start = 0
    for index, decision in enumerate(stream):
        if decision.is_final or decision.cut is not None:
            for each in stream[start : index + 1]:
                each.partial = decision.cut is not None or (begun and start == 0)
            start = index + 1


def _allowed_mask(decisions: Stream) -> Mask:
    mask = np.zeros((len(decisions), max(len(each.allowed) for each in decisions)), dtype=np.bool_)
    for row, each in zip(mask, decisions, strict=True):
        row[: len(each.allowed)] = each.allowed
    return mask


def _final_values(decisions: Stream, values_of: ValueFunction) -> list[float]:
    """Return the value of the prompt after each cut decision, 0 for the others; one batch a task."""
    final_values = [0.0] * len(decisions)
    for task_id in dict.fromkeys(each.task_id for each in decisions):
        indices = [i for i, each in enumerate(decisions) if each.task_id == task_id and each.cut is not None]
        values = values_of([decisions[i].cut or "" for i in indices], task_id)
        for i, value in zip(indices, values, strict=True):
            final_values[i] = float(value)
    return final_values
