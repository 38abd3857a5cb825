"""A household with short observations of about six tokens, which omit everything constant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envs import Picture, PictureState, World
from envs.task import Task


class TerseHousehold(World):
    """One thing to go to, and a sentence that says only where it is, such as `house cup three left`."""

    def __init__(self) -> None:
        self._world = Task(key="household/go-to").make()
        self.actions = self._world.actions
        self.action_space = self._world.action_space
        self.observation_space = self._world.observation_space

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the household."""
        return self._world.words

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode."""
        text, info = self._world.reset(seed=seed, options=options)
        return _short(text), info

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take a step."""
        text, reward, terminated, truncated, info = self._world.step(action)
        return _short(text), float(reward), terminated, truncated, info

    def picture_state(self) -> PictureState | None:
        """Return what `draw` needs."""
        return self._world.picture_state()

    def draw(self, moment: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the house."""
        return self._world.draw(moment, size, dark=dark, blend=blend)

    def get_state(self) -> dict[str, Any]:
        """Return the house's state."""
        return self._world.get_state()

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue from a state of the house."""
        self._world.set_state(state)


def _short(text: str) -> str:
    world, _, place = text.split(" . ", 2)
    return f"{world} {place}"
