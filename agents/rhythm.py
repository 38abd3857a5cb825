"""When a full checkpoint is due: by steps, by time, and never so often that saving takes the run's time."""

from __future__ import annotations

from agents.clock import Clock
from agents.config import CheckpointConfig

SHARE = 0.02
"""Part of the time that checkpoints by time may take, at most."""


class Rhythm:
    """Knows how long ago, and how dear, the last full checkpoint was."""

    def __init__(self, clock: Clock, step: int) -> None:
        self._clock, self._step = clock, step
        self._second = clock.now()
        self._cost = 0.0
        """Seconds that the last one took."""

    def is_due(self, config: CheckpointConfig, step: int) -> bool:
        """Tell whether it is time for another."""
        by_steps = config.every > 0 and step >= self._step + config.every
        return by_steps or (config.minutes > 0 and self._clock.now() - self._second >= self._pause(config))

    def saved(self, step: int, began: float) -> None:
        """Note that one was made at `step`, begun at the clock's second `began`."""
        self._step, self._second = step, self._clock.now()
        self._cost = self._second - began

    def _pause(self, config: CheckpointConfig) -> float:
        return max(config.minutes * 60, self._cost / SHARE)
