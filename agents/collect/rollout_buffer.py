"""Rollout buffer: what each step writes, until it is turned into tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from agents.collect.episode_seeds import UNKNOWN
from agents.distillation.supervision import Advice, joined
from agents.policies import Policy
from agents.policies.batched import Numbers, Rows
from agents.rollout import Lesson, Rollout
from envs.teaching import Teaching

WHOLE = ("actions", "log_probs", "values", "rewards", "terminated", "truncated", "final_values")
"""What is (T, N), in the order of a rollout's fields."""


@dataclass(slots=True)
class Diary:
    """What a rollout gathers step by step, in worlds of one task or of several; arrays are (T, N)."""

    columns: tuple[int, ...]
    """(N,) the task of each world."""
    actions: Rows
    log_probs: Numbers
    values: Numbers
    rewards: Numbers
    terminated: Numbers
    truncated: Numbers
    final_values: Numbers
    last_values: Numbers
    """(N,)"""
    starts: Rows
    """Which start each decision's episode had."""
    begun: NDArray[np.bool_]
    """(N,) whether an episode was going on in each world before the first step."""
    texts: list[str] = field(default_factory=list)
    """What was read, step by step."""
    led_to: list[str] = field(default_factory=list)
    """What was to be read after each step, before any reset."""
    cut: list[tuple[int, int, str]] = field(default_factory=list)
    """Step, world and last sentence of each episode that a time limit ended."""
    advice: list[Advice] = field(default_factory=list)
    """What a teacher said of each step; nothing if nobody taught."""
    teaching: Teaching | None = None
    """How that is to be learned from."""

    @classmethod
    def blank(cls, steps: int, columns: Sequence[int]) -> Diary:
        """Begin a diary of so many steps in worlds of these tasks."""
        worlds = len(columns)
        actions, last = np.zeros((steps, worlds), dtype=np.int64), np.zeros(worlds, dtype=np.float32)
        log_probs, values, rewards, terminated, truncated, final_values = np.zeros((6, steps, worlds), dtype=np.float32)
        kept = (log_probs, values, rewards, terminated, truncated, final_values)
        return cls(tuple(columns), actions, *kept, last, np.full_like(actions, UNKNOWN), np.zeros(worlds, np.bool_))

    def close(self, last: Numbers) -> None:
        """Note what is to be expected after the last step, (N,), and then after each episode that was cut, in order."""
        worlds = len(self.columns)
        self.last_values = last[:worlds]
        for (step, index, _), value in zip(self.cut, last[worlds:], strict=True):
            self.truncated[step, index], self.final_values[step, index] = 1.0, value

    def rollout(self, policy: Policy) -> Rollout:
        """Return what is noted, as the policy reads it."""
        observations = policy.encode(self.texts, [*self.columns] * len(self.actions))
        arrays = (*(getattr(self, name) for name in WHOLE), self.last_values)
        device = observations.rows.device
        numbers = (torch.from_numpy(array).to(device) for array in arrays)
        starts = torch.from_numpy(self.starts).to(device) if (self.starts != UNKNOWN).any() else None
        rollout = Rollout(observations, *numbers)
        told = replace(rollout, read=tuple(self.texts), led_to=tuple(self.led_to))
        partial = torch.from_numpy(self._partial()).to(device)
        return replace(told, starts=starts, partial=partial, lesson=self._lesson(device))

    def _partial(self) -> NDArray[np.bool_]:
        """Return (T, N) whether each decision is of an episode that was not lived from beginning to end."""
        ended = (self.terminated + self.truncated) > 0
        ends_later = np.logical_or.accumulate(ended[::-1])[::-1]
        follows_end = np.logical_or.accumulate(np.vstack([np.zeros_like(ended[:1]), ended[:-1]]))
        partial: NDArray[np.bool_] = ~ends_later | (self.begun & ~follows_end)
        return partial

    def _lesson(self, device: torch.device) -> Lesson | None:
        if self.teaching is None:
            return None
        odds = torch.from_numpy(np.concatenate([each.odds for each in self.advice])).to(device)
        choices = torch.from_numpy(np.concatenate([each.choices for each in self.advice])).to(device)
        return Lesson(odds, choices, self.teaching)


def side_by_side(diaries: Sequence[Diary]) -> Diary:
    """Join diaries of equally many steps along N, as if their worlds had been lived in as one."""
    columns = [column for diary in diaries for column in diary.columns]
    steps = len(diaries[0].actions)
    whole = Diary.blank(steps, columns)
    for name in WHOLE:
        setattr(whole, name, np.concatenate([getattr(diary, name) for diary in diaries], axis=1))
    whole.starts = np.concatenate([diary.starts for diary in diaries], axis=1)
    whole.begun = np.concatenate([diary.begun for diary in diaries])
    whole.last_values = np.concatenate([diary.last_values for diary in diaries])
    whole.texts = _interleaved([(diary.texts, len(diary.columns)) for diary in diaries], steps)
    whole.led_to = _interleaved([(diary.led_to, len(diary.columns)) for diary in diaries], steps)
    whole.teaching = diaries[0].teaching
    whole.advice = [joined(each) for each in zip(*(diary.advice for diary in diaries), strict=True)]
    return whole


def _interleaved(told: Sequence[tuple[list[str], int]], steps: int) -> list[str]:
    """Join what was told of so many worlds each, step by step."""
    return [text for step in range(steps) for texts, worlds in told for text in texts[step * worlds :][:worlds]]
