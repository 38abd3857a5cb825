"""When a full checkpoint is due: by steps, by time, and never so often that saving takes the run's time."""

from __future__ import annotations

from agents.clock import Clock
from agents.config import CheckpointConfig


class Rhythm:
    """Knows how long ago, and how dear, the last full checkpoint was; the first one is never put off."""

    def __init__(self, clock: Clock, step: int) -> None:
        self._clock, self._step = clock, step
        self._second = clock.now()
        self._cost = 0.0
        """Seconds that the last one took."""

    def is_due(self, config: CheckpointConfig, step: int) -> bool:
        """Tell whether it is time for another."""
        passed = self._clock.now() - self._second
        by_steps = config.every > 0 and step >= self._step + config.every
        by_time = config.minutes > 0 and passed >= config.minutes * 60
        return (by_steps or by_time) and passed >= self._rest(config.share)

    def saved(self, step: int, began: float) -> None:
        """Note that one was made at `step`, begun at the clock's second `began`."""
        self._step, self._second = step, self._clock.now()
        self._cost = self._second - began

    def _rest(self, share: float) -> float:
        """Return the seconds without saving after which the last one took no more than `share` of all."""
        return self._cost * (1 - share) / share
