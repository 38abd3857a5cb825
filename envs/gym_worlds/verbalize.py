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
from envs.gym_worlds.binning import Binning, curved_edges, integer_binning, quantile_edges, real_binning
from envs.gym_worlds.phrases import Dimension, phrases
from envs.gym_worlds.pictures import PAINTERS, fit
from envs.gym_worlds.play import env_state, make_checked_env, random_play, restore
from envs.gym_worlds.reward_threshold import SCALED_GOAL_WARNING, shortened_goal
from envs.options import GymOptions
from envs.words import NUMBERS, distinct_words, sentence_space


class Verbalized(World):
    """A Gymnasium environment whose observations are put into words.

    Observation: each number of the environment's observation in words: `balance . cart two
    left going one right . pole one left falling nowhere .` Integers are written as they are;
    real numbers fall into `bins` whose edges come from the phrase book or from random play.
    Actions: a phrase for each of the environment's actions. Rewards: the environment's.
    Episodes end as in the environment, or after `max_episode_steps` steps. The score is the
    position of the episode's return between `low` and `high`, from 0 to 1.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 30}  # noqa: RUF012 - Gymnasium declares it a plain dict
    render_mode = "rgb_array"

    def __init__(self, options: GymOptions, *, gym_id: str) -> None:
        self.options = options
        self._id = gym_id
        self._env = make_checked_env(gym_id, options.max_episode_steps)
        self._phrases = phrases(gym_id)
        count, self._first = int(self._env.actions.n), int(self._env.actions.start)
        has_phrases = len(self._phrases.actions) == count
        self.actions = (
            self._phrases.actions if has_phrases else tuple(f"action {_index_words(index)}" for index in range(count))
        )
        self.instruction = self._phrases.ask
        self._binnings = self._find_binnings()
        self._low, self._high = self._find_bounds()
        self.action_space = spaces.Discrete(count)
        self.observation_space = sentence_space(self.words, max_length=self._longest())
        self._painter = PAINTERS.get(gym_id.rsplit("-", 1)[0])
        self._begin_episode(np.zeros(len(self._binnings)).tolist())

    def _find_binnings(self) -> tuple[Binning, ...]:
        space = self._env.observation_space
        counts = self._env.reader.counts
        if counts is not None:
            counts = self._phrases.factors or counts
            return tuple(integer_binning(self._dimension(index), count) for index, count in enumerate(counts))
        assert isinstance(space, spaces.Box)
        return tuple(
            real_binning(dimension, self._edges(index, dimension, space))
            for index, dimension in enumerate(self._dimension(index) for index in range(space.shape[0]))
        )

    def _dimension(self, index: int) -> Dimension:
        known = self._phrases.dimensions
        return known[index] if index < len(known) else Dimension(name=f"x{index + 1}")

    def _edges(self, index: int, dimension: Dimension, space: spaces.Box) -> list[float]:
        bins = self.options.bins
        if dimension.span is not None:
            return curved_edges(dimension, bins)
        samples = random_play(self._id, self.options.max_episode_steps).numbers[:, index]
        return quantile_edges(samples, float(space.low[index]), float(space.high[index]), bins)

    def _find_bounds(self) -> tuple[float, float]:
        low, high = self._bound("low"), self._bound("high")
        if low < high:
            return low, high
        if self.options.low is None and self.options.high is None:
            return low, low + 1  # the limit is too short for the known `high`: any return of 1 above `low` scores 1
        raise ValueError(f"low must be below high to score a return in {self._id!r}, got {low} and {high}; set both")

    def _bound(self, side: Literal["low", "high"]) -> float:
        """Return a bound of the score from the options, else the phrase book, the environment, or random play."""
        limit = self.options.max_episode_steps
        chosen: float | str | None = getattr(self.options, side)
        if chosen is None:
            chosen = getattr(self._phrases, side)
        if chosen is None and side == "high" and self._env.spec is not None:
            chosen = self._goal(self._env.spec.reward_threshold)
        if isinstance(chosen, str):
            return float(-limit if chosen == "-limit" else limit)
        return float(getattr(random_play(self._id, limit), side) if chosen is None else chosen)

    def _goal(self, threshold: float | None) -> float | None:
        """Return the reward threshold, scaled down if the best reward of random play in each step can't reach it."""
        limit, goal = self.options.max_episode_steps, shortened_goal(self._id, self.options)
        if goal is None or not 0 < random_play(self._id, limit).best * limit < goal.threshold:
            return threshold
        warn(SCALED_GOAL_WARNING, world=self._id, **goal.template_arguments(limit))
        return goal.scaled_to(limit)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word of the world's sentences and action phrases."""
        phrases = (phrase for binning in self._binnings for phrase in binning.phrases)
        return distinct_words(self._phrases.name, ".", *phrases, *self.actions)

    def _longest(self) -> int:
        return len(self._phrases.name) + 4 + sum(max(map(len, binning.phrases)) for binning in self._binnings)

    def longest_sentence(self) -> str:
        """Return a sentence in which each number has its phrase with the most tokens."""
        return (
            f"{self._phrases.name} .{''.join(max(binning.phrases, key=_token_count) for binning in self._binnings)} ."
        )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode, as Gymnasium specifies."""
        super().reset(seed=seed)
        self._begin_episode(self._split(self._env.reset(seed=seed)))
        return self._sentence(), {}

    def _begin_episode(self, row: list[float]) -> None:
        self._row = self._previous_row = row
        self._action: int | None = None
        self._total = 0.0
        self._time = 0

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take an action, as Gymnasium specifies; the last step of an episode has `info["score"]`."""
        self._action = int(action)
        row, reward, terminated, is_cut_off = self._env.step(self._action + self._first)
        self._previous_row, self._row = self._row, self._split(row)
        self._total += reward
        self._time += 1
        truncated = not terminated and (is_cut_off or self._time >= self.options.max_episode_steps)
        info = {"score": self._score()} if terminated or truncated else {}
        return self._sentence(), reward, terminated, truncated, info

    def _split(self, row: list[float]) -> list[float]:
        """Return the numbers of an observation; a single integer is split by the phrase book's factors."""
        if not self._phrases.factors:
            return row
        rest, parts = int(row[0]), []
        for factor in reversed(self._phrases.factors):
            rest, part = divmod(rest, factor)
            parts.append(part)
        return list(reversed(parts))

    def _score(self) -> float:
        return min(1.0, max(0.0, (self._total - self._low) / (self._high - self._low)))

    def _sentence(self) -> str:
        text = "".join([binning.phrase_for(number) for binning, number in zip(self._binnings, self._row, strict=True)])
        return f"{self._phrases.name} .{text} ."

    @property
    def inside(self) -> AnyEnv:
        """The wrapped Gymnasium environment."""
        inside: AnyEnv = self._env.unwrapped
        return inside

    def picture_state(self) -> PictureState | None:
        """Return the numbers of this step and of the previous one; None if only the environment itself can paint."""
        if self._painter is None:
            return None
        picture_state: dict[str, Any] = {"row": self._row, "was": self._previous_row, "action": self._action}
        if (chart := getattr(self._env.unwrapped, "desc", None)) is not None:
            picture_state["chart"] = ["".join(cell.decode() for cell in line) for line in chart]
        return picture_state

    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the picture state, or the environment's own picture of its current state, (size, size, 3)."""
        if self._painter is not None and (picture_state := picture_state or self.picture_state()) is not None:
            return self._painter(picture_state, size, dark=dark, blend=blend)
        return fit(self._env.render(), self._id, size, dark=dark)

    def get_state(self) -> dict[str, Any]:
        """Return the environment's state, the episode so far, and the bins. Raises ValueError as `env_state` does."""
        return {
            "env": env_state(self._env),
            "edges": [binning.edges for binning in self._binnings],
            "bounds": [self._low, self._high],
            "row": self._row,
            "was": self._previous_row,
            "action": self._action,
            "total": self._total,
            "time": self._time,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state from `get_state`."""
        restore(self._env, state["env"])
        self._low, self._high = state["bounds"]
        self._binnings = tuple(
            Binning(None if edges is None else tuple(edges), binning.phrases)
            for binning, edges in zip(self._binnings, state["edges"], strict=True)
        )
        self._row, self._previous_row = list(state["row"]), list(state["was"])
        self._action, self._total, self._time = state["action"], state["total"], state["time"]

    def close(self) -> None:
        """Do nothing: many environments would quit pygame for the whole process if they were closed."""


def _token_count(phrase: str) -> int:
    """Return the number of words and punctuation marks of a phrase: `twenty-one` has three."""
    return len(re.findall(r"\w+|[^\w\s]", phrase))


def _index_words(index: int) -> str:
    return NUMBERS[index] if index < len(NUMBERS) else str(index)
