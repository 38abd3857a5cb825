"""Any Gymnasium environment with discrete actions, its observations as plain numbers."""

from __future__ import annotations

from gymnasium import spaces

from envs.gym_worlds.verbalize import Verbalized
from envs.options import GymOptions

MAX_CHARACTERS = 25
"""Characters of the longest number with the space after it."""


class Numeric(Verbalized):
    """The same environment as `Verbalized`, for learners that read numbers instead of words.

    Observation: the environment's numbers, written out in full: `0.01 -0.2 0.03 0.4`.
    Actions, rewards, endings and scores are those of `Verbalized`, so that both kinds of
    learner can be compared.
    """

    def __init__(self, options: GymOptions, *, gym_id: str) -> None:
        super().__init__(options, gym_id=gym_id)
        self.observation_space = spaces.Text(self.width * MAX_CHARACTERS, charset="0123456789.-+einfa ")

    @property
    def width(self) -> int:
        """Number of numbers in an observation."""
        return len(self._binnings)

    def _sentence(self) -> str:
        return " ".join(map(repr, self._row))
