"""n-step transitions: rewards of n steps are summed, and the last state is bootstrapped from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from agents.replay.uniform import Numbers


@dataclass(frozen=True, slots=True)
class NStepTransition:
    """What one action led to in at most n steps."""

    observation: Numbers
    action: int
    reward: float
    next_observation: Numbers
    discount: float
    """What a value there counts here; 0 where the world ended."""


class NStepReturns:
    """Adds up the rewards of `steps` steps (Sutton, 1988); at an episode's end, of those that are left."""

    def __init__(self, steps: int, gamma: float) -> None:
        self._steps, self._gamma = steps, gamma
        self._open: deque[tuple[Numbers, int, float]] = deque()

    def add(
        self, lived: tuple[Numbers, int, float], next_observation: Numbers, *, terminated: bool, over: bool
    ) -> Iterator[NStepTransition]:
        """Take in a step (observation, action, reward), and yield every leap that is complete with it."""
        self._open.append(lived)
        while self._open and (over or len(self._open) == self._steps):
            observation, action, _ = self._open[0]
            earned = sum(self._gamma**age * reward for age, (_, _, reward) in enumerate(self._open))
            discount = 0.0 if terminated else self._gamma ** len(self._open)
            yield NStepTransition(observation, action, earned, next_observation, discount)
            self._open.popleft()
