"""Worlds: Gymnasium environments whose observations are sentences. Nothing here imports agents, windows or Torch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from envs.requests import UNCHECKED, NotUnderstood, Request

PictureState = Mapping[str, Any]
"""What `World.draw` needs to paint one time step, as plain JSON data: positions, things, the current task."""

Picture = NDArray[np.uint8]
"""Pixels, (height, width, 3)."""


SAMPLED_EPISODES = 16
"""Episodes whose first sentences are compared, in worlds that do not know their longest sentence."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement that later decisions may need: `the {thing} belongs in the {place}`, and what fills its slots."""

    template: str
    slots: Mapping[str, str]
    open_slot: str
    """The slot with one value at a time: two facts that differ in it alone contradict each other."""
    passing: bool = True
    """Whether it holds in this episode only."""

    @property
    def sentence(self) -> str:
        """The fact in words."""
        return self.template.format(**self.slots)

    @property
    def subject(self) -> str:
        """The sentence with `…` in the open slot: facts with equal subjects contradict each other."""
        return self.template.format(**{**self.slots, self.open_slot: "…"})


class World(gym.Env[str, int]):
    """An environment whose observation is a sentence and whose actions are words.

    One language agent with one vocabulary can therefore act in every world.
    `info["score"]` is present in the step that ends an episode: its result from
    0 (worst) to 1 (solved). A sentence names its world, so that an agent can
    distinguish two worlds that ask for opposite actions.
    """

    actions: tuple[str, ...]
    """The phrase behind each action, one or several words each."""
    instruction: str = ""
    """The goal of this episode as a sentence."""
    checkable: tuple[str, ...] = ()
    """Every instruction besides the goal that the world can check; most worlds check none.

    Where there are some, observations contain `instruction` as a sentence of its own, which one of these can replace.
    """
    observation_space: spaces.Text
    action_space: spaces.Discrete  # type: ignore[assignment]

    @property
    @abstractmethod
    def words(self) -> tuple[str, ...]:
        """Every word of the world's sentences and action phrases, in a fixed order."""

    def longest_sentence(self) -> str:
        """Return about the longest possible sentence: the longest first one of `SAMPLED_EPISODES` episodes.

        Resets the world.
        """
        return max((self.reset(seed=seed)[0] for seed in range(SAMPLED_EPISODES)), key=len)

    def facts(self) -> tuple[Fact, ...]:
        """Return the facts in the current sentence that later sentences may omit; none in most worlds."""
        return ()

    def feasible_requests(self) -> tuple[bool, ...]:
        """Return for each of `checkable` whether it makes sense now: its thing is present, and it is not fulfilled."""
        return (False,) * len(self.checkable)

    def fulfils(self, instruction: str) -> bool:
        """Return whether an instruction is fulfilled now."""
        return False

    def requests(self) -> tuple[Request, ...]:
        """Return everything that a person can request now in place of the episode's goal.

        Each request concerns things that are present, the world's actions can fulfil it, and the world can check it.
        """
        return ()

    def set_request(self, request: Request | None) -> tuple[str, bool]:
        """Replace the episode's goal by a request; None restores the goal, and so does `reset`.

        Returns the current sentence, and whether the request is fulfilled already. While a request is
        active, steps do not count towards the step limit, earn no reward and never end the episode, and
        their `info["fulfilled"]` says whether it is fulfilled. Raises NotUnderstood where the world checks none.
        """
        raise NotUnderstood(UNCHECKED)

    @abstractmethod
    def picture_state(self) -> PictureState | None:
        """Return what `draw` needs to paint this time step; None if the world can't paint past steps."""

    @abstractmethod
    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint `picture_state`; return RGB pixels, (size, size, 3) of uint8.

        `blend` runs from 0 (the step before, if `picture_state` holds it) to 1 (this
        step), for smooth movement. A world that can't paint past steps is given None
        and paints its current state.
        """

    def render(self) -> Picture:
        """Paint the current state, as Gymnasium's `rgb_array` mode does."""
        return self.draw(self.picture_state(), 400)

    @abstractmethod
    def get_state(self) -> dict[str, Any]:
        """Return everything that later steps depend on, random generator included, as JSON data."""

    @abstractmethod
    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state from `get_state`: the same actions then lead to the same steps."""
