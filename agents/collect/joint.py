"""Collect rollouts from several tasks at once, with one collector per task. Shapes: T steps, N environments."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
import torch

from agents.collect.collector import ROLLOUT_ARRAYS, Collector, Mask, RolloutBuffer, VectorStep
from agents.distillation.supervision import joined
from agents.policies import Policy
from agents.rollout import Rollout
from agents.runtime.iteration import drain


def split_evenly(worlds: int, tasks: int) -> tuple[int, ...]:
    """Return the number of environments of each task: at least one, the remainder to the first tasks."""
    return tuple(max(worlds // tasks + (task < worlds % tasks), 1) for task in range(tasks))


class JointCollector:
    """Steps `size` environments of several tasks; with more tasks than environments, tasks alternate between rollouts.

    It has the interface of `Collector`. In its rollouts, the environments of its parts are concatenated along N.
    """

    def __init__(self, parts: Sequence[Collector], size: int) -> None:
        self._all, self._size = tuple(parts), size
        self._turn = 0
        """Index of the first task of the next rollout, if the tasks alternate."""

    @property
    def size(self) -> int:
        """Number of environments that are stepped at once, N."""
        return self._size

    @property
    def parts(self) -> tuple[Collector, ...]:
        """The single-task collectors that collect the next rollout, one a task."""
        if self._size >= len(self._all):
            return self._all
        return tuple(self._all[(self._turn + offset) % len(self._all)] for offset in range(self._size))

    def collect(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, Rollout]:
        """Take `steps` steps in every environment, as `Collector.collect` does; return the rollout.

        `remember` is (T, N).
        """
        parts = self.parts
        starts = list(accumulate((part.size for part in parts), initial=0))  # first environment of each part
        to_remember = np.zeros((steps, self._size), dtype=np.bool_) if remember is None else remember
        masks = np.split(to_remember, starts[1:-1], axis=1)
        streams = [part.collect_steps(policy, steps, generator, mask) for part, mask in zip(parts, masks, strict=True)]
        for step in range(steps):
            vector_steps = [next(stream) for stream in streams]
            yield _merge(vector_steps, [step * (self._size - part.size) for part in parts], starts)
        self._turn = (self._turn + len(parts)) % len(self._all)
        return side_by_side([drain(stream) for stream in streams]).rollout(policy)

    def state(self) -> dict[str, Any]:
        """Return the state of all environments and their running episodes, as JSON data."""
        return {"parts": [part.state() for part in self._all], "turn": self._turn}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state()` returned."""
        for part, part_state in zip(self._all, state["parts"], strict=True):
            part.restore(part_state)
        self._turn = state["turn"]


def _merge(vector_steps: Sequence[VectorStep], preceding: Sequence[int], starts: Sequence[int]) -> VectorStep:
    """Merge one step of all parts; rows of decisions become indices into the joint rollout.

    Per part: `preceding` is the number of decisions of the other parts in the steps before, `starts` the index of
    its first environment.
    """
    return VectorStep(
        tuple(episode for step in vector_steps for episode in step.episodes),
        tuple(
            replace(decision, row=decision.row + offset + start)
            for step, offset, start in zip(vector_steps, preceding, starts, strict=False)
            for decision in step.collected
        ),
    )


def side_by_side(buffers: Sequence[RolloutBuffer]) -> RolloutBuffer:
    """Concatenate buffers of equally many steps along N, as if one collector had stepped all environments."""
    task_ids = [task_id for buffer in buffers for task_id in buffer.task_ids]
    steps = len(buffers[0].actions)
    whole = RolloutBuffer.empty(steps, task_ids)
    for name in ROLLOUT_ARRAYS:
        setattr(whole, name, np.concatenate([getattr(buffer, name) for buffer in buffers], axis=1))
    whole.starts = np.concatenate([buffer.starts for buffer in buffers], axis=1)
    whole.has_begun = np.concatenate([buffer.has_begun for buffer in buffers])
    whole.last_values = np.concatenate([buffer.last_values for buffer in buffers])
    whole.texts = _interleave([(buffer.texts, len(buffer.task_ids)) for buffer in buffers], steps)
    whole.next_texts = _interleave([(buffer.next_texts, len(buffer.task_ids)) for buffer in buffers], steps)
    whole.teaching = buffers[0].teaching
    whole.teacher_outputs = [joined(each) for each in zip(*(buffer.teacher_outputs for buffer in buffers), strict=True)]
    return whole


def _interleave(texts_by_part: Sequence[tuple[list[str], int]], steps: int) -> list[str]:
    """Merge the flat texts of each part, given with its number of environments, step by step."""
    return [
        text for step in range(steps) for texts, worlds in texts_by_part for text in texts[step * worlds :][:worlds]
    ]
