"""Any Gymnasium environment with discrete actions, put into words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
from gymnasium import spaces

from envs import Picture, PictureState, World
from envs.external.checked_env import AnyEnv, warn
from envs.gym_worlds.binning import Binning, counted, curved_edges, lived_edges, measured
from envs.gym_worlds.phrases import Dimension, phrases
from envs.gym_worlds.pictures import PAINTERS, fit
from envs.gym_worlds.play import random_play, registered_worlds, restore, saved
from envs.gym_worlds.reward_threshold import SCALED_GOAL_WARNING, shortened_goal
from envs.options import GymOptions
from envs.words import NUMBERS, distinct_words, sentence_space


class Verbalized(World):
    """A Gymnasium environment, said in words.

    One sees each number of the observation as words: `balance . cart two left going one
    right . pole one left falling nowhere .` Whole numbers are said as they are; real ones
    fall into `bins` whose edges come from the phrase book or from random play.
    One says the action's phrase, and earns what the environment pays.
    It ends where the environment ends, or after `max_episode_steps` steps. The score places the
    episode's return between `low` and `high`.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 30}  # noqa: RUF012 - Gymnasium declares it a plain dict
    render_mode = "rgb_array"

    def __init__(self, options: GymOptions, *, gym_id: str) -> None:
        self.options = options
        self._id = gym_id
        self._env = registered_worlds(gym_id, options.max_episode_steps)
        self._book = phrases(gym_id)
        count, self._first = int(self._env.actions.n), int(self._env.actions.start)
        known = len(self._book.actions) == count
        self.actions = self._book.actions if known else tuple(f"action {_named(index)}" for index in range(count))
        self.instruction = self._book.ask
        self._scales = self._find_scales()
        self._low, self._high = self._find_bounds()
        self.action_space = spaces.Discrete(count)
        self.observation_space = sentence_space(self.words, max_length=self._longest())
        self._painter = PAINTERS.get(gym_id.rsplit("-", 1)[0])
        self._restart(np.zeros(len(self._scales)).tolist())

    def _find_scales(self) -> tuple[Binning, ...]:
        space = self._env.observation_space
        counts = self._env.reader.counts
        if counts is not None:
            counts = self._book.factors or counts
            return tuple(counted(self._dimension(index), count) for index, count in enumerate(counts))
        assert isinstance(space, spaces.Box)
        return tuple(
            measured(dimension, self._edges(index, dimension, space))
            for index, dimension in enumerate(self._dimension(index) for index in range(space.shape[0]))
        )

    def _dimension(self, index: int) -> Dimension:
        known = self._book.dimensions
        return known[index] if index < len(known) else Dimension(name=f"x{index + 1}")

    def _edges(self, index: int, dimension: Dimension, space: spaces.Box) -> list[float]:
        bins = self.options.bins
        if dimension.span is not None:
            return curved_edges(dimension, bins)
        met = random_play(self._id, self.options.max_episode_steps).numbers[:, index]
        return lived_edges(met, float(space.low[index]), float(space.high[index]), bins)

    def _find_bounds(self) -> tuple[float, float]:
        low, high = self._bound("low"), self._bound("high")
        if low < high:
            return low, high
        if self.options.low is None and self.options.high is None:
            return low, low + 1  # the limit is too short for the known best: anything above the worst is a success
        raise ValueError(f"low must be below high to score a return in {self._id!r}, got {low} and {high}; set both")

    def _bound(self, side: Literal["low", "high"]) -> float:
        """Return what was asked for, else what the book says, else what the environment or random play knows."""
        limit = self.options.max_episode_steps
        chosen: float | str | None = getattr(self.options, side)
        if chosen is None:
            chosen = getattr(self._book, side)
        if chosen is None and side == "high" and self._env.spec is not None:
            chosen = self._goal(self._env.spec.reward_threshold)
        if isinstance(chosen, str):
            return float(-limit if chosen == "-limit" else limit)
        return float(getattr(random_play(self._id, limit), side) if chosen is None else chosen)

    def _goal(self, threshold: float | None) -> float | None:
        """Return the environment's own goal, in proportion where not even the best steps of random play reach it."""
        limit, goal = self.options.max_episode_steps, shortened_goal(self._id, self.options)
        if goal is None or not 0 < random_play(self._id, limit).best * limit < goal.threshold:
            return threshold
        warn(SCALED_GOAL_WARNING, world=self._id, **goal.texts(limit))
        return goal.within(limit)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word of the world's sentences and action phrases."""
        said = (phrase for scale in self._scales for phrase in scale.phrases)
        return distinct_words(self._book.name, ".", *said, *self.actions)

    def _longest(self) -> int:
        return len(self._book.name) + 4 + sum(max(map(len, scale.phrases)) for scale in self._scales)

    def longest_sentence(self) -> str:
        """Return the sentence of which every part has the most words that it can have."""
        return f"{self._book.name} .{''.join(max(scale.phrases, key=_pieces) for scale in self._scales)} ."

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode."""
        super().reset(seed=seed)
        self._restart(self._split(self._env.reset(seed=seed)))
        return self._sentence(), {}

    def _restart(self, row: list[float]) -> None:
        self._row = self._was = row
        self._action: int | None = None
        self._total = 0.0
        self._time = 0

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Say an action and see what the environment answers."""
        self._action = int(action)
        row, reward, terminated, cut = self._env.step(self._action + self._first)
        self._was, self._row = self._row, self._split(row)
        self._total += reward
        self._time += 1
        truncated = not terminated and (cut or self._time >= self.options.max_episode_steps)
        info = {"score": self._score()} if terminated or truncated else {}
        return self._sentence(), reward, terminated, truncated, info

    def _split(self, row: list[float]) -> list[float]:
        """Return an observation's numbers; a single whole number is taken apart by the book's factors."""
        if not self._book.factors:
            return row
        rest, parts = int(row[0]), []
        for factor in reversed(self._book.factors):
            rest, part = divmod(rest, factor)
            parts.append(part)
        return list(reversed(parts))

    def _score(self) -> float:
        return min(1.0, max(0.0, (self._total - self._low) / (self._high - self._low)))

    def _sentence(self) -> str:
        said = "".join([scale.phrase_for(number) for scale, number in zip(self._scales, self._row, strict=True)])
        return f"{self._book.name} .{said} ."

    @property
    def inside(self) -> AnyEnv:
        """The environment itself."""
        inside: AnyEnv = self._env.unwrapped
        return inside

    def picture_state(self) -> PictureState | None:
        """The numbers now and one step ago; None where only the environment itself can draw."""
        if self._painter is None:
            return None
        present: dict[str, Any] = {"row": self._row, "was": self._was, "action": self._action}
        if (chart := getattr(self._env.unwrapped, "desc", None)) is not None:
            present["chart"] = ["".join(cell.decode() for cell in line) for line in chart]
        return present

    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the moment, or the environment's own picture of the present."""
        if self._painter is not None and (picture_state := picture_state or self.picture_state()) is not None:
            return self._painter(picture_state, size, dark=dark, blend=blend)
        return fit(self._env.render(), self._id, size, dark=dark)

    def get_state(self) -> dict[str, Any]:
        """Return the environment's state, the episode so far, and the bins. Raises ValueError if that is not known."""
        return {
            "env": saved(self._env),
            "edges": [scale.edges for scale in self._scales],
            "bounds": [self._low, self._high],
            "row": self._row,
            "was": self._was,
            "action": self._action,
            "total": self._total,
            "time": self._time,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `get_state` was taken."""
        restore(self._env, state["env"])
        self._low, self._high = state["bounds"]
        self._scales = tuple(
            Binning(None if edges is None else tuple(edges), scale.phrases)
            for scale, edges in zip(self._scales, state["edges"], strict=True)
        )
        self._row, self._was = list(state["row"]), list(state["was"])
        self._action, self._total, self._time = state["action"], state["total"], state["time"]

    def close(self) -> None:
        """Let go of the environment. Many would quit pygame for the whole process if they were closed."""


def _pieces(phrase: str) -> int:
    """Return how many words and marks a phrase has: `twenty-one` is three."""
    return len(re.findall(r"\w+|[^\w\s]", phrase))


def _named(index: int) -> str:
    return NUMBERS[index] if index < len(NUMBERS) else str(index)
