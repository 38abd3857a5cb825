"""Choose the next instruction: the agent scores those that the environment can check now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from agents.instructions import writer_of
from agents.instructions.wrapper import InstructionWrapper
from agents.policies import Policy
from agents.policies.batched import BatchedPolicy, Numbers, draw_rows, likeliest
from envs import World

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WrittenInstruction:
    """One instruction as it was chosen."""

    index: int
    """For which of the worlds."""
    prompt: str
    allowed: Mask
    """(A,) what could be chosen."""
    place: int
    """What was."""
    log_prob: float
    value: float
    """What the writer expected."""


class InstructionWriter:
    """Writes instructions with one policy, while its weights stand still."""

    def __init__(self, policy: Policy, task_id: int, *, is_random: bool) -> None:
        self._answers = BatchedPolicy(policy, writer_of(task_id))
        self._is_random = is_random

    def write(
        self, worlds: Sequence[World], generator: torch.Generator, *, greedy: bool = False
    ) -> list[WrittenInstruction]:
        """Choose an instruction for each world that waits for one, and tell it."""
        waiting = [
            (i, world) for i, world in enumerate(worlds) if isinstance(world, InstructionWrapper) and world.is_waiting
        ]
        if not waiting:
            return []
        prompts = [world.prompt for _, world in waiting]
        allowed = np.array([world.feasible_requests() for _, world in waiting])
        rows = self._answers.ask(prompts)
        log_probs = among(self._answers.log_probs(rows)[:, : allowed.shape[1]], allowed, level=self._is_random)
        chosen = likeliest(log_probs, generator) if greedy else draw_rows(log_probs, generator)
        values = self._answers.values(rows)
        found = []
        for row, ((index, world), place) in enumerate(zip(waiting, chosen.tolist(), strict=True)):
            world.write(place)
            log_prob, value = float(log_probs[row, place]), float(values[row])
            found.append(WrittenInstruction(index, prompts[row], allowed[row], place, log_prob, value))
        return found

    def expect(self, prompts: Sequence[str]) -> Numbers:
        """Return what the writer expects where it reads these."""
        return self._answers.values(self._answers.ask(prompts))


def among(log_probs: Numbers, allowed: Mask, *, level: bool = False) -> Numbers:
    """Return the log-probabilities (B, A) of a choice among what is `allowed`; `level`: all the same."""
    left = np.where(allowed, np.zeros_like(log_probs) if level else log_probs, np.float32(-np.inf))
    peak = left.max(1, keepdims=True)
    total = np.log(np.exp(left - peak).sum(1, keepdims=True)) + peak
    return np.asarray(left - total, dtype=np.float32)


def read(world: World, text: str) -> str:
    """Return what the agent reads of `world` before it acts: `text`, or the instruction in the goal's place."""
    return world.actor_text if isinstance(world, InstructionWrapper) else text
