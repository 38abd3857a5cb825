"""A household with short observations of about six tokens, which omit everything constant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envs.task import Task
from envs.wrapper import WorldWrapper


class TerseHousehold(WorldWrapper):
    """`household/go-to` with one object; the observation is only its position, such as `house cup three left`."""

    def __init__(self) -> None:
        super().__init__(Task(key="household/go-to").make())
        self.observation_space = self.inside.observation_space

    @property
    def words(self) -> tuple[str, ...]:
        """All words of the household."""
        return self.inside.words

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode."""
        text, info = self.inside.reset(seed=seed, options=options)
        return _short(text), info

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Execute an action."""
        text, reward, terminated, truncated, info = self.inside.step(action)
        return _short(text), float(reward), terminated, truncated, info

    def get_state(self) -> dict[str, Any]:
        """Return the state of the house."""
        return self.inside.get_state()

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state of the house."""
        self.inside.set_state(state)


def _short(text: str) -> str:
    world, _, position = text.split(" . ", 2)
    return f"{world} {position}"
