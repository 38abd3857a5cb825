"""n-step transitions: the rewards of n steps are summed, and the rest of the return is bootstrapped.

Shape: W numbers per observation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from agents.replay.uniform import Numbers


@dataclass(frozen=True, slots=True)
class NStepTransition:
    """A transition of up to n steps; observations are (W,)."""

    observation: Numbers
    action: int
    reward: float
    next_observation: Numbers
    discount: float
    """Discount of the next observation's value; 0 if it is terminal."""


class NStepReturns:
    """Turns single steps into `steps`-step transitions (Sutton, 1988); at an episode's end into shorter ones."""

    def __init__(self, steps: int, gamma: float) -> None:
        self._steps, self._gamma = steps, gamma
        self._pending: deque[tuple[Numbers, int, float]] = deque()

    def add(
        self, step: tuple[Numbers, int, float], next_observation: Numbers, *, terminated: bool, ended: bool
    ) -> Iterator[NStepTransition]:
        """Add a `step` (observation, action, reward), and yield every transition that it completes.

        Observations are (W,).

        `ended`: the episode or the rollout ends with the step; `terminated`: in a terminal state.
        """
        self._pending.append(step)
        while self._pending and (ended or len(self._pending) == self._steps):
            observation, action, _ = self._pending[0]
            discounted_sum = sum(self._gamma**age * reward for age, (_, _, reward) in enumerate(self._pending))
            discount = 0.0 if terminated else self._gamma ** len(self._pending)
            yield NStepTransition(observation, action, discounted_sum, next_observation, discount)
            self._pending.popleft()
