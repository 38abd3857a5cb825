"""Any Gymnasium environment with discrete actions, its numbers left as numbers."""

from __future__ import annotations

from gymnasium import spaces

from envs.gym_worlds.verbalize import Verbalized
from envs.options import GymOptions

LONGEST = 25
"""Characters of the longest number and the space after it."""


class Numeric(Verbalized):
    """The world that `Verbalized` puts into words, for a learner that reads numbers and no words.

    One sees the observation's numbers as they are, written out in full: `0.01 -0.2 0.03 0.4`.
    Actions, rewards, endings and scores are those of the world in words, so that both kinds
    of learner can be held against each other.
    """

    def __init__(self, options: GymOptions, *, gym_id: str) -> None:
        super().__init__(options, gym_id=gym_id)
        self.observation_space = spaces.Text(self.width * LONGEST, charset="0123456789.-+einfa ")

    @property
    def width(self) -> int:
        """How many numbers an observation has."""
        return len(self._scales)

    def _sentence(self) -> str:
        return " ".join(map(repr, self._row))
