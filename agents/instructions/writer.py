"""Choose the next instruction: the policy scores those that are feasible in the environment now.

Shapes: B decisions, A instructions that an environment can check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from agents.instructions import writer_task_id
from agents.instructions.wrapper import InstructionWrapper
from agents.policies import Policy
from agents.policies.batched import BatchedPolicy, Numbers, draw_rows, likeliest
from envs import World

Mask = NDArray[np.bool_]
"""Which of A instructions, or of A actions, may be chosen; (A,) or (B, A)."""


@dataclass(frozen=True, slots=True)
class WrittenInstruction:
    """An instruction that the writer has chosen."""

    index: int
    """Index of its environment."""
    prompt: str
    allowed: Mask
    """(A,) which instructions could be chosen."""
    choice: int
    """Index of the chosen one."""
    log_prob: float
    value: float
    """Output of the value head for the prompt."""


class InstructionWriter:
    """Writes instructions with a policy whose weights do not change meanwhile; if `is_random`, uniformly at random."""

    def __init__(self, policy: Policy, task_id: int, *, is_random: bool) -> None:
        self._outputs = BatchedPolicy(policy, writer_task_id(task_id))
        self._is_random = is_random

    def write(
        self, worlds: Sequence[World], generator: torch.Generator, *, greedy: bool = False
    ) -> list[WrittenInstruction]:
        """Choose an instruction for each environment that waits for one, and write it there."""
        waiting = [
            (i, world) for i, world in enumerate(worlds) if isinstance(world, InstructionWrapper) and world.is_waiting
        ]
        if not waiting:
            return []
        prompts = [world.prompt for _, world in waiting]
        allowed = np.array([world.feasible_requests() for _, world in waiting])
        rows = self._outputs.rows_for(prompts)
        log_probs = mask_log_probs(
            self._outputs.log_probs(rows)[:, : allowed.shape[1]], allowed, uniform=self._is_random
        )
        chosen = likeliest(log_probs, generator) if greedy else draw_rows(log_probs, generator)
        values = self._outputs.values(rows)
        written = []
        for row, ((index, world), choice) in enumerate(zip(waiting, chosen.tolist(), strict=True)):
            world.write(choice)
            log_prob, value = float(log_probs[row, choice]), float(values[row])
            written.append(WrittenInstruction(index, prompts[row], allowed[row], choice, log_prob, value))
        return written

    def values(self, prompts: Sequence[str]) -> Numbers:
        """Return the values (B,) of B prompts of the writer."""
        return self._outputs.values(self._outputs.rows_for(prompts))


def mask_log_probs(log_probs: Numbers, allowed: Mask, *, uniform: bool = False) -> Numbers:
    """Return log-probabilities (B, A), renormalised over the `allowed` choices (B, A); if `uniform`, all equal."""
    masked = np.where(allowed, np.zeros_like(log_probs) if uniform else log_probs, np.float32(-np.inf))
    peak = masked.max(1, keepdims=True)  # subtracted so that the exponentials cannot overflow
    total = np.log(np.exp(masked - peak).sum(1, keepdims=True)) + peak
    return np.asarray(masked - total, dtype=np.float32)


def text_for_actor(world: World, text: str) -> str:
    """Return the prompt of the actor: the observation `text`, or in a wrapped world that with the instruction."""
    return world.actor_text if isinstance(world, InstructionWrapper) else text
