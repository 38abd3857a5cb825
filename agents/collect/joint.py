"""Collect rollouts from several tasks at once, with one collector a task."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
import torch

from agents.collect.collector import WHOLE, Collector, Mask, RolloutBuffer, VectorStep
from agents.distillation.supervision import joined
from agents.policies import Policy
from agents.rollout import Rollout
from agents.runtime.iteration import drain


def split_evenly(worlds: int, tasks: int) -> tuple[int, ...]:
    """Return how many of the worlds each task gets: as evenly as can be, the first ones more, and at least one."""
    return tuple(max(worlds // tasks + (task < worlds % tasks), 1) for task in range(tasks))


class JointCollector:
    """Lives in `size` worlds of several tasks; where that are too few for all tasks, these take turns by rollouts.

    It is used as `Collector` is, and its rollouts hold the worlds of its parts side by side.
    """

    def __init__(self, parts: Sequence[Collector], size: int) -> None:
        self._all, self._size = tuple(parts), size
        self._turn = 0
        """Which of the tasks comes first in the next rollout, where they take turns."""

    @property
    def size(self) -> int:
        """How many worlds are lived in at once, N."""
        return self._size

    @property
    def parts(self) -> tuple[Collector, ...]:
        """The collectors, each of one task, that the next rollout comes from."""
        if self._size >= len(self._all):
            return self._all
        return tuple(self._all[(self._turn + place) % len(self._all)] for place in range(self._size))

    def collect(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, Rollout]:
        """Act for `steps` steps in every world, as `Collector.collect` does."""
        parts = self.parts
        starts = list(accumulate((part.size for part in parts), initial=0))
        wanted = np.zeros((steps, self._size), dtype=np.bool_) if remember is None else remember
        shares = np.split(wanted, starts[1:-1], axis=1)
        lives = [part.collect_steps(policy, steps, generator, own) for part, own in zip(parts, shares, strict=True)]
        for step in range(steps):
            lived = [next(life) for life in lives]
            yield _together(lived, [step * (self._size - part.size) for part in parts], starts)
        self._turn = (self._turn + len(parts)) % len(self._all)
        return side_by_side([drain(life) for life in lives]).rollout(policy)

    def state(self) -> dict[str, Any]:
        """Return, as JSON data, all that decides what the worlds bring next."""
        return {"parts": [part.state() for part in self._all], "turn": self._turn}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `state` was taken."""
        for part, kept in zip(self._all, state["parts"], strict=True):
            part.restore(kept)
        self._turn = state["turn"]


def _together(lived: Sequence[VectorStep], others: Sequence[int], starts: Sequence[int]) -> VectorStep:
    """Return one step of all parts; a row of a part comes after what `others` lived, in its place among the worlds."""
    return VectorStep(
        tuple(episode for step in lived for episode in step.episodes),
        tuple(
            replace(decision, row=decision.row + earlier + start)
            for step, earlier, start in zip(lived, others, starts, strict=False)
            for decision in step.collected
        ),
    )


def side_by_side(buffers: Sequence[RolloutBuffer]) -> RolloutBuffer:
    """Join buffers of equally many steps along N, as if their worlds had been lived in as one."""
    task_ids = [task_id for buffer in buffers for task_id in buffer.task_ids]
    steps = len(buffers[0].actions)
    whole = RolloutBuffer.blank(steps, task_ids)
    for name in WHOLE:
        setattr(whole, name, np.concatenate([getattr(buffer, name) for buffer in buffers], axis=1))
    whole.starts = np.concatenate([buffer.starts for buffer in buffers], axis=1)
    whole.begun = np.concatenate([buffer.begun for buffer in buffers])
    whole.last_values = np.concatenate([buffer.last_values for buffer in buffers])
    whole.texts = _interleaved([(buffer.texts, len(buffer.task_ids)) for buffer in buffers], steps)
    whole.led_to = _interleaved([(buffer.led_to, len(buffer.task_ids)) for buffer in buffers], steps)
    whole.teaching = buffers[0].teaching
    whole.advice = [joined(each) for each in zip(*(buffer.advice for buffer in buffers), strict=True)]
    return whole


def _interleaved(told: Sequence[tuple[list[str], int]], steps: int) -> list[str]:
    """Join what was told of so many worlds each, step by step."""
    return [text for step in range(steps) for texts, worlds in told for text in texts[step * worlds :][:worlds]]
