"""Step a vector of environments with one policy, and return a rollout."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agents.collect.episode_seeds import ALONE, UNKNOWN, EpisodeSeeds
from agents.distillation.supervision import Supervision, TeacherOutput
from agents.errors import OF_A_WORLD, WorldFault, finite
from agents.policies import Policy
from agents.policies.batched import BatchedPolicy, Numbers, Rows, draw_rows
from agents.rollout import Rollout, TeacherLabels
from envs import PictureState, World
from envs.teaching import Teaching

Mask = NDArray[np.bool_]
WHOLE = ("actions", "log_probs", "values", "rewards", "terminated", "truncated", "final_values")
"""What is (T, N), in the order of a rollout's fields."""


@contextmanager
def naming_the_world(index: int) -> Iterator[None]:
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
    task_id: int
    """Its task."""


@dataclass(frozen=True, slots=True)
class CollectedDecision:
    """One decision, as it is to be remembered."""

    row: int
    """Its place among the rollout's flat observations."""
    text: str
    action: int
    reward: float
    picture_state: PictureState | None
    """Taken before the step: what there was to see when the agent decided."""
    task_id: int
    """Its task."""


@dataclass(frozen=True, slots=True)
class VectorStep:
    """What one step in every world brought."""

    episodes: tuple[Episode, ...]
    collected: tuple[CollectedDecision, ...]
    """The decisions that were asked for."""


class Collector:
    """Lives in N worlds of one task across rollouts; a world that ends starts anew in the same step.

    Each world has a seed of its own, derived from `seed`, or shares those of all its episodes with the others of its
    `group`. Raises WorldFault if a world raises.
    """

    def __init__(
        self, worlds: Sequence[World], task_id: int, seed: int, *, reuse: bool = True, group: int = ALONE
    ) -> None:
        self.task_id = task_id
        self.supervision: Supervision | None = None
        """Who judges what is lived from now on."""
        self._worlds, self._reuse = worlds, reuse
        self._starts = EpisodeSeeds(seed, len(worlds), group)
        self._texts: list[str] = []
        for index, (world, own) in enumerate(zip(worlds, self._starts.seeds(), strict=True)):
            with naming_the_world(index):
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

        `remember`, (steps, N), marks the decisions to hand out as `VectorStep.collected`. The
        weights must stand still meanwhile, and actions are drawn from `generator`.
        """
        return (yield from self.collect_steps(policy, steps, generator, remember)).rollout(policy)

    def collect_steps(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, RolloutBuffer]:
        """Act as `collect` does; return what was lived through before the policy has read it as a whole."""
        answers = BatchedPolicy(policy, self.task_id, reuse=self._reuse)
        buffer = RolloutBuffer.blank(steps, [self.task_id] * len(self._worlds))
        buffer.begun[:] = np.array(self._lengths) > 0
        if self.supervision is not None:
            buffer.teaching = self.supervision.teaching
            self.supervision.teacher.begin_rollout()
        wanted = np.zeros(buffer.actions.shape, dtype=np.bool_) if remember is None else remember
        for step in range(steps):
            buffer.texts.extend(self._texts)
            buffer.starts[step] = self._starts.numbers
            rows = answers.ask(self._texts)
            log_probs = self._advised(answers.log_probs(rows), buffer, generator)
            actions = draw_rows(log_probs, generator)
            buffer.actions[step] = actions
            buffer.log_probs[step] = np.take_along_axis(log_probs, actions[:, None], 1)[:, 0]
            buffer.values[step] = answers.values(rows)
            yield self._advance(step, buffer, wanted[step])
        rows = answers.ask([*self._texts, *(text for _, _, text in buffer.cut)])
        buffer.close(answers.values(rows))
        self._starts.end_rollout()
        return buffer

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

    def _advised(self, log_probs: Numbers, buffer: RolloutBuffer, generator: torch.Generator) -> Numbers:
        """Note the teacher's output, if any; return the log-probabilities to act by, its own where it acts."""
        if self.supervision is None:
            return log_probs
        advice = self.supervision.advise(self._worlds, self._texts, generator)
        buffer.advice.append(advice)
        return self.supervision.acting(log_probs, advice)

    def _advance(self, step: int, buffer: RolloutBuffer, wanted: Mask) -> VectorStep:
        episodes: list[Episode] = []
        collected: list[CollectedDecision] = []
        for index, world in enumerate(self._worlds):
            text, action = self._texts[index], int(buffer.actions[step, index])
            with naming_the_world(index):
                picture_state = world.picture_state() if wanted[index] else None
                reward, episode = self._act(step, index, action, buffer)
            if episode:
                episodes.append(episode)
            if wanted[index]:
                row = step * len(self._worlds) + index
                collected.append(CollectedDecision(row, text, action, reward, picture_state, self.task_id))
        return VectorStep(tuple(episodes), tuple(collected))

    def _act(self, step: int, index: int, action: int, buffer: RolloutBuffer) -> tuple[float, Episode | None]:
        """Step one world and return what it paid; if its episode ends, what that came to, and start another."""
        text, paid, terminated, truncated, info = self._worlds[index].step(action)
        buffer.rewards[step, index] = reward = finite("reward", paid)
        self._rewards[index] += reward
        self._lengths[index] += 1
        self._texts[index] = text
        buffer.led_to.append(text)
        if not (terminated or truncated):
            return reward, None
        buffer.terminated[step, index] = terminated
        if not terminated:
            buffer.cut.append((step, index, text))
        score = finite("score", info["score"])
        episode = Episode(self._rewards[index], score, self._lengths[index], self.task_id)
        self._rewards[index], self._lengths[index] = 0.0, 0
        self._texts[index] = self._worlds[index].reset(seed=self._starts.next(index))[0]
        return reward, episode


@dataclass(slots=True)
class RolloutBuffer:
    """What a rollout gathers step by step, in worlds of one task or of several; arrays are (T, N)."""

    task_ids: tuple[int, ...]
    """(N,) the task of each world."""
    actions: Rows
    log_probs: Numbers
    values: Numbers
    rewards: Numbers
    terminated: Numbers
    truncated: Numbers
    final_values: Numbers
    last_values: Numbers
    """(N,)"""
    starts: Rows
    """Which start each decision's episode had."""
    begun: NDArray[np.bool_]
    """(N,) whether an episode was going on in each world before the first step."""
    texts: list[str] = field(default_factory=list)
    """What was read, step by step."""
    led_to: list[str] = field(default_factory=list)
    """What was to be read after each step, before any reset."""
    cut: list[tuple[int, int, str]] = field(default_factory=list)
    """Step, world and last sentence of each episode that a time limit ended."""
    advice: list[TeacherOutput] = field(default_factory=list)
    """What a teacher said of each step; nothing if nobody taught."""
    teaching: Teaching | None = None
    """How that is to be learned from."""

    @classmethod
    def blank(cls, steps: int, task_ids: Sequence[int]) -> RolloutBuffer:
        """Begin a buffer of so many steps in worlds of these tasks."""
        worlds = len(task_ids)
        actions, last = np.zeros((steps, worlds), dtype=np.int64), np.zeros(worlds, dtype=np.float32)
        log_probs, values, rewards, terminated, truncated, final_values = np.zeros((6, steps, worlds), dtype=np.float32)
        kept = (log_probs, values, rewards, terminated, truncated, final_values)
        return cls(tuple(task_ids), actions, *kept, last, np.full_like(actions, UNKNOWN), np.zeros(worlds, np.bool_))

    def close(self, last: Numbers) -> None:
        """Note what is to be expected after the last step, (N,), and then after each episode that was cut, in order."""
        worlds = len(self.task_ids)
        self.last_values = last[:worlds]
        for (step, index, _), value in zip(self.cut, last[worlds:], strict=True):
            self.truncated[step, index], self.final_values[step, index] = 1.0, value

    def rollout(self, policy: Policy) -> Rollout:
        """Return what is noted, as the policy reads it."""
        observations = policy.encode(self.texts, [*self.task_ids] * len(self.actions))
        arrays = (*(getattr(self, name) for name in WHOLE), self.last_values)
        device = observations.rows.device
        numbers = (torch.from_numpy(array).to(device) for array in arrays)
        starts = torch.from_numpy(self.starts).to(device) if (self.starts != UNKNOWN).any() else None
        rollout = Rollout(observations, *numbers)
        told = replace(rollout, read=tuple(self.texts), led_to=tuple(self.led_to))
        partial = torch.from_numpy(self._partial()).to(device)
        return replace(told, starts=starts, partial=partial, labels=self._labels(device))

    def _partial(self) -> NDArray[np.bool_]:
        """Return (T, N) whether each decision is of an episode that was not lived from beginning to end."""
        ended = (self.terminated + self.truncated) > 0
        ends_later = np.logical_or.accumulate(ended[::-1])[::-1]
        follows_end = np.logical_or.accumulate(np.vstack([np.zeros_like(ended[:1]), ended[:-1]]))
        partial: NDArray[np.bool_] = ~ends_later | (self.begun & ~follows_end)
        return partial

    def _labels(self, device: torch.device) -> TeacherLabels | None:
        if self.teaching is None:
            return None
        probabilities = torch.from_numpy(np.concatenate([each.probabilities for each in self.advice])).to(device)
        choices = torch.from_numpy(np.concatenate([each.choices for each in self.advice])).to(device)
        return TeacherLabels(probabilities, choices, self.teaching)
