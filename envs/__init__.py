"""Worlds: Gymnasium environments that speak. They know nothing of agents, windows or Torch."""

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
"""What a picture of one instant needs, as plain JSON data: positions, things, the task at hand."""

Picture = NDArray[np.uint8]
"""Pixels, (height, width, 3)."""


SAMPLED = 16
"""Episodes of which the first sentences are measured where the longest is not known."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a world says that a later decision may need: `the {thing} belongs in the {place}`, with its slots filled."""

    template: str
    slots: Mapping[str, str]
    open_slot: str
    """The slot that has one filling at a time: two facts that differ in it alone exclude each other."""
    passing: bool = True
    """It holds in this episode only."""

    @property
    def sentence(self) -> str:
        """The fact in words."""
        return self.template.format(**self.slots)

    @property
    def subject(self) -> str:
        """What it is about: the sentence with the open slot left open."""
        return self.template.format(**{**self.slots, self.open_slot: "…"})


class World(gym.Env[str, int]):
    """An environment whose observation is a sentence and whose actions are words.

    One language agent with one vocabulary can therefore live through every world.
    `info["score"]` is present in the step that ends an episode: how well it went, from
    0 (as bad as can be) to 1 (solved). A sentence names its world, so that two worlds
    which ask for opposite deeds can be told apart.
    """

    actions: tuple[str, ...]
    """The phrase behind each action, one or several words each."""
    instruction: str = ""
    """What this episode asks for, in words."""
    checkable: tuple[str, ...] = ()
    """Every instruction that can be given on the way there, and checked; most worlds check none.

    Where there are some, sentences hold `instruction` as a sentence of its own, in whose place one of these can stand.
    """
    observation_space: spaces.Text
    action_space: spaces.Discrete  # type: ignore[assignment]

    @property
    @abstractmethod
    def words(self) -> tuple[str, ...]:
        """Every word that this world may ever say or hear, in a fixed order."""

    def longest_sentence(self) -> str:
        """Return a sentence about as long as any that it says: the longest that some episodes begin with.

        It leaves the world in one of these episodes.
        """
        return max((self.reset(seed=seed)[0] for seed in range(SAMPLED)), key=len)

    def facts(self) -> tuple[Fact, ...]:
        """Return what the sentence at hand tells, and a later one may not tell again. Most worlds tell nothing so."""
        return ()

    def feasible_requests(self) -> tuple[bool, ...]:
        """Return which of `checkable` make sense at this instant: what they are about is here, and not so yet."""
        return (False,) * len(self.checkable)

    def fulfils(self, instruction: str) -> bool:
        """Whether that which an instruction asks for is so at this instant."""
        return False

    def requests(self) -> tuple[Request, ...]:
        """Return everything that a person can ask for here and now, instead of what the episode asks for.

        It is about what is here, the actions of this world can bring it about, and the world sees whether it is so.
        """
        return ()

    def ask(self, request: Request | None) -> tuple[str, bool]:
        """Ask for something else in the goal's place, or, None, for the goal again.

        Returns the sentence that now stands before the agent, and whether what is asked for is so already.
        Meanwhile the clock of the episode rests: steps earn nothing and end nothing, and their
        `info["asked"]` says whether it is so. A new episode asks for its own goal.
        """
        raise NotUnderstood(UNCHECKED)

    @abstractmethod
    def picture_state(self) -> PictureState | None:
        """Return what `draw` needs to picture this instant; None if it can't be redrawn later."""

    @abstractmethod
    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint `picture_state` as a square picture of `size` pixels.

        `blend` runs from 0 (the instant before, where the moment tells it) to 1 (the
        moment itself), for smooth movement. A world that can't redraw the past is given
        None and paints its present.
        """

    def render(self) -> Picture:
        """Paint the present, as Gymnasium's `rgb_array` mode does."""
        return self.draw(self.picture_state(), 400)

    @abstractmethod
    def get_state(self) -> dict[str, Any]:
        """Return everything that decides what happens next, random generator included, as JSON data."""

    @abstractmethod
    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `get_state` was taken."""
