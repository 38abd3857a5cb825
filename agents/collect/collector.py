"""Step a vector of environments with one policy, and return a rollout."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agents.collect.episode_seeds import ALONE, Starts
from agents.collect.rollout_buffer import Diary
from agents.distillation.supervision import Tutor
from agents.errors import OF_A_WORLD, WorldFault, finite
from agents.policies import Policy
from agents.policies.batched import Answers, Numbers, draw_rows
from agents.rollout import Rollout
from envs import Moment, World

Mask = NDArray[np.bool_]


@contextmanager
def blaming(index: int) -> Iterator[None]:
    """Turn whatever world `index` raises into a WorldFault: a world is anybody's code."""
    try:
        yield
    except OF_A_WORLD as error:
        raise WorldFault(index, error) from error


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode that ended."""

    reward: float
    score: float
    """From 0 to 1."""
    length: int
    column: int
    """Its task."""


@dataclass(frozen=True, slots=True)
class Lived:
    """One decision, as it is to be remembered."""

    row: int
    """Its place among the rollout's flat observations."""
    text: str
    action: int
    reward: float
    moment: Moment | None
    """Taken before the step: what there was to see when the agent decided."""
    column: int
    """Its task."""


@dataclass(frozen=True, slots=True)
class VectorStep:
    """What one step in every world brought."""

    episodes: tuple[Episode, ...]
    lived: tuple[Lived, ...]
    """The decisions that were asked for."""


class Collector:
    """Lives in N worlds of one task across rollouts; a world that ends starts anew in the same step.

    Each world has a seed of its own, derived from `seed`, or shares those of all its episodes with the others of its
    `group`. Raises WorldFault if a world raises.
    """

    def __init__(
        self, worlds: Sequence[World], column: int, seed: int, *, reuse: bool = True, group: int = ALONE
    ) -> None:
        self.column = column
        self.tutor: Tutor | None = None
        """Who judges what is lived from now on."""
        self._worlds, self._reuse = worlds, reuse
        self._starts = Starts(seed, len(worlds), group)
        self._texts: list[str] = []
        for index, (world, own) in enumerate(zip(worlds, self._starts.seeds(), strict=True)):
            with blaming(index):
                self._texts.append(world.reset(seed=own)[0])
        self._rewards = [0.0] * len(worlds)
        self._lengths = [0] * len(worlds)

    @property
    def size(self) -> int:
        """How many worlds there are, N."""
        return len(self._worlds)

    @property
    def parts(self) -> tuple[Collector, ...]:
        """The collectors, each of one task, that the next rollout comes from: this one."""
        return (self,)

    def collect(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, Rollout]:
        """Act for `steps` steps in every world, yielding after each; return what was lived through.

        `remember`, (steps, N), marks the decisions to hand out as `VectorStep.lived`. The
        weights must stand still meanwhile, and actions are drawn from `generator`.
        """
        return (yield from self.live(policy, steps, generator, remember)).rollout(policy)

    def live(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, Diary]:
        """Act as `collect` does; return what was lived through before the policy has read it as a whole."""
        answers = Answers(policy, self.column, reuse=self._reuse)
        diary = Diary.blank(steps, [self.column] * len(self._worlds))
        diary.begun[:] = np.array(self._lengths) > 0
        if self.tutor is not None:
            diary.teaching = self.tutor.teaching
            self.tutor.teacher.begin_rollout()
        wanted = np.zeros(diary.actions.shape, dtype=np.bool_) if remember is None else remember
        for step in range(steps):
            diary.texts.extend(self._texts)
            diary.starts[step] = self._starts.numbers
            rows = answers.ask(self._texts)
            log_probs = self._advised(answers.log_probs(rows), diary, generator)
            actions = draw_rows(log_probs, generator)
            diary.actions[step] = actions
            diary.log_probs[step] = np.take_along_axis(log_probs, actions[:, None], 1)[:, 0]
            diary.values[step] = answers.values(rows)
            yield self._advance(step, diary, wanted[step])
        rows = answers.ask([*self._texts, *(text for _, _, text in diary.cut)])
        diary.close(answers.values(rows))
        self._starts.end_rollout()
        return diary

    def state(self) -> dict[str, Any]:
        """Return, as JSON data, all that decides what the worlds bring next."""
        return {
            "worlds": [world.get_state() for world in self._worlds],
            "texts": list(self._texts),
            "rewards": list(self._rewards),
            "lengths": list(self._lengths),
            "starts": self._starts.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `state` was taken."""
        for world, kept in zip(self._worlds, state["worlds"], strict=True):
            world.set_state(kept)
        self._texts, self._rewards = list(state["texts"]), list(state["rewards"])
        self._lengths = list(state["lengths"])
        self._starts.restore(state["starts"])

    def _advised(self, log_probs: Numbers, diary: Diary, generator: torch.Generator) -> Numbers:
        """Note what the teacher would do, if there is one; return the odds by which to act: where it acts, its own."""
        if self.tutor is None:
            return log_probs
        advice = self.tutor.advise(self._worlds, self._texts, generator)
        diary.advice.append(advice)
        return self.tutor.acting(log_probs, advice)

    def _advance(self, step: int, diary: Diary, wanted: Mask) -> VectorStep:
        episodes: list[Episode] = []
        lived: list[Lived] = []
        for index, world in enumerate(self._worlds):
            text, action = self._texts[index], int(diary.actions[step, index])
            with blaming(index):
                moment = world.moment() if wanted[index] else None
                reward, episode = self._act(step, index, action, diary)
            if episode:
                episodes.append(episode)
            if wanted[index]:
                row = step * len(self._worlds) + index
                lived.append(Lived(row, text, action, reward, moment, self.column))
        return VectorStep(tuple(episodes), tuple(lived))

    def _act(self, step: int, index: int, action: int, diary: Diary) -> tuple[float, Episode | None]:
        """Step one world and return what it paid; if its episode ends, what that came to, and start another."""
        text, paid, terminated, truncated, info = self._worlds[index].step(action)
        diary.rewards[step, index] = reward = finite("reward", paid)
        self._rewards[index] += reward
        self._lengths[index] += 1
        self._texts[index] = text
        diary.led_to.append(text)
        if not (terminated or truncated):
            return reward, None
        diary.terminated[step, index] = terminated
        if not terminated:
            diary.cut.append((step, index, text))
        score = finite("score", info["score"])
        episode = Episode(self._rewards[index], score, self._lengths[index], self.column)
        self._rewards[index], self._lengths[index] = 0.0, 0
        self._texts[index] = self._worlds[index].reset(seed=self._starts.next(index))[0]
        return reward, episode
