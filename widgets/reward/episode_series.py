"""The training episodes of a run as raw and smoothed values, divided into stages. N is the number of episodes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agents.story import Story
from agents.story.columns import Columns
from widgets.reward.smoothing import Smoother

Quantity = Literal["score", "reward"]


@dataclass(slots=True)
class Segment:
    """Consecutive episodes of one stage."""

    index: int
    task_id: int
    first: int
    last: int
    """Index after the last episode."""
    smoother: Smoother


class EpisodeSeries:
    """Raw and smoothed values of a story's episodes, updated incrementally."""

    def __init__(self, story: Story, quantity: Quantity, weight: float, span: float) -> None:
        self.story = story
        self.quantity: Quantity = quantity
        self._weight, self._span = weight, span
        self.segments: list[Segment] = []
        self._smooth = Columns(value=np.float32)
        self.low, self.high = np.inf, -np.inf

    def __len__(self) -> int:
        return len(self._smooth)

    def matches(self, story: Story, quantity: Quantity, weight: float, span: float) -> bool:
        """Return whether the series was created with these arguments."""
        return (self.story, self.quantity, self._weight, self._span) == (story, quantity, weight, span)

    @property
    def raw(self) -> NDArray[np.float32]:
        """The value of every episode, (N,)."""
        return self.story.episodes[self.quantity][: len(self)]

    @property
    def smooth(self) -> NDArray[np.float32]:
        """The smoothed value at every episode, (N,)."""
        return self._smooth["value"]

    def update(self) -> int:
        """Add the episodes that are new in the story; return the index of the first one."""
        first, last = len(self), len(self.story.episodes)
        if last == first:
            return first
        indices = self.story.episodes["index"][first:last]
        cuts = [0, *(np.flatnonzero(np.diff(indices)) + 1), last - first]
        parts = [self._segment(first + int(start), first + int(end)) for start, end in pairwise(cuts)]
        self._smooth.extend(value=np.concatenate(parts))
        values = self.story.episodes[self.quantity][first:last]
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
        return first

    def _segment(self, first: int, last: int) -> NDArray[np.float64]:
        episodes = self.story.episodes
        index = int(episodes["index"][first])
        if not self.segments or self.segments[-1].index != index:
            smoother = Smoother(self._weight, self._span)
            self.segments.append(Segment(index, int(episodes["task_id"][first]), first, first, smoother))
        segment = self.segments[-1]
        segment.last = last
        return segment.smoother.extend(episodes["step"][first:last].astype(float), episodes[self.quantity][first:last])

    def central_range(self, sample: int = 20_000) -> tuple[float, float]:
        """Return the 1st and the 99th percentile of the values, estimated from a sample."""
        values = self.raw[:: max(len(self) // sample, 1)]
        low, high = np.percentile(values, (1, 99)) if len(values) else (0.0, 1.0)
        return float(low), float(high)
