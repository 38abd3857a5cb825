"""Step a vector of environments with one policy, and return a rollout.

Shapes: T steps, N environments, A actions.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agents.collect.episode_seeds import UNGROUPED, UNKNOWN, EpisodeSeeds
from agents.distillation.supervision import Supervision, TeacherOutput
from agents.errors import ENV_ERRORS, WorldFault, finite
from agents.policies import Policy
from agents.policies.batched import BatchedPolicy, Numbers, Rows, draw_rows
from agents.rollout import Rollout, TeacherLabels
from envs import PictureState, World
from envs.teaching import Teaching

Mask = NDArray[np.bool_]
ROLLOUT_ARRAYS = ("actions", "log_probs", "values", "rewards", "terminated", "truncated", "final_values")
"""Fields of `RolloutBuffer` that are (T, N), in the order of the fields of `Rollout`."""


@contextmanager
def world_faults(index: int) -> Iterator[None]:
    """Turn any exception within the context into a WorldFault of environment `index`, which may be third-party code."""
    try:
        yield
    except ENV_ERRORS as error:
        raise WorldFault(index, error) from error


@dataclass(frozen=True, slots=True)
class Episode:
    """The statistics of a finished episode."""

    reward: float
    """Sum of rewards."""
    score: float
    """From 0 to 1, as the environment scored it."""
    length: int
    """Steps."""
    task_id: int


@dataclass(frozen=True, slots=True)
class CollectedDecision:
    """One decision that may become a memory entry."""

    row: int
    """Index into the rollout's flat observations."""
    text: str
    action: int
    reward: float
    picture_state: PictureState | None
    """State to draw the environment from, taken before the step."""
    task_id: int


@dataclass(frozen=True, slots=True)
class VectorStep:
    """The result of one step in every environment."""

    episodes: tuple[Episode, ...]
    """Episodes that ended with the step."""
    collected: tuple[CollectedDecision, ...]
    """The decisions that `remember` selected."""


class Collector:
    """Steps N environments of one task; episodes continue across rollouts, and environments reset automatically.

    Each environment has its own seed, derived from `seed`; with a `group` size above 1, the environments of a group
    share the seeds of their episodes. Raises WorldFault if an environment raises.
    """

    def __init__(
        self, worlds: Sequence[World], task_id: int, seed: int, *, reuse: bool = True, group: int = UNGROUPED
    ) -> None:
        self.task_id = task_id
        self.supervision: Supervision | None = None
        """The teacher that labels collected decisions, if any."""
        self._worlds, self._reuse = worlds, reuse
        self._starts = EpisodeSeeds(seed, len(worlds), group)
        self._texts: list[str] = []
        for index, (world, world_seed) in enumerate(zip(worlds, self._starts.seeds(), strict=True)):
            with world_faults(index):
                self._texts.append(world.reset(seed=world_seed)[0])
        self._rewards = [0.0] * len(worlds)
        self._lengths = [0] * len(worlds)

    @property
    def size(self) -> int:
        """Number of environments, N."""
        return len(self._worlds)

    @property
    def parts(self) -> tuple[Collector, ...]:
        """The single-task collectors that collect the next rollout: only this one."""
        return (self,)

    def collect(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, Rollout]:
        """Take `steps` steps in every environment, yielding after each; return the rollout.

        The mask `remember`, (T, N), selects the decisions to yield as `VectorStep.collected`.
        Actions are drawn from `generator`. The policy's weights must not change meanwhile.
        """
        return (yield from self.collect_steps(policy, steps, generator, remember)).rollout(policy)

    def collect_steps(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, RolloutBuffer]:
        """Collect as `collect` does, but return the buffer, so that it can be joined with those of other tasks.

        `remember` is (T, N), for `steps` = T and N environments; None selects no decision.
        """
        outputs = BatchedPolicy(policy, self.task_id, reuse=self._reuse)
        buffer = RolloutBuffer.empty(steps, [self.task_id] * len(self._worlds))
        buffer.has_begun[:] = np.array(self._lengths) > 0
        if self.supervision is not None:
            buffer.teaching = self.supervision.teaching
            self.supervision.teacher.begin_rollout()
        to_remember = np.zeros(buffer.actions.shape, dtype=np.bool_) if remember is None else remember  # (T, N)
        for step in range(steps):
            buffer.texts.extend(self._texts)
            buffer.starts[step] = self._starts.numbers
            rows = outputs.rows_for(self._texts)
            log_probs = self._with_teacher(outputs.log_probs(rows), buffer, generator)  # (N, A)
            actions = draw_rows(log_probs, generator)
            buffer.actions[step] = actions
            buffer.log_probs[step] = np.take_along_axis(log_probs, actions[:, None], 1)[:, 0]
            buffer.values[step] = outputs.values(rows)
            yield self._step_worlds(step, buffer, to_remember[step])
        # one pass for all bootstrap values: after the last step, then after each truncated episode
        rows = outputs.rows_for([*self._texts, *(text for _, _, text in buffer.truncations)])
        buffer.close(outputs.values(rows))
        self._starts.end_rollout()
        return buffer

    def state(self) -> dict[str, Any]:
        """Return the state of the environments and their running episodes, as JSON data."""
        return {
            "worlds": [world.get_state() for world in self._worlds],
            "texts": list(self._texts),
            "rewards": list(self._rewards),
            "lengths": list(self._lengths),
            "starts": self._starts.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state()` returned."""
        for world, world_state in zip(self._worlds, state["worlds"], strict=True):
            world.set_state(world_state)
        self._texts, self._rewards = list(state["texts"]), list(state["rewards"])
        self._lengths = list(state["lengths"])
        self._starts.restore(state["starts"])

    def _with_teacher(self, log_probs: Numbers, buffer: RolloutBuffer, generator: torch.Generator) -> Numbers:
        """Record the teacher's output, if there is a teacher; return the log-probabilities (N, A) to act by."""
        if self.supervision is None:
            return log_probs
        output = self.supervision.advise(self._worlds, self._texts, generator)
        buffer.teacher_outputs.append(output)
        return self.supervision.acting(log_probs, output)

    def _step_worlds(self, step: int, buffer: RolloutBuffer, to_remember: Mask) -> VectorStep:
        episodes: list[Episode] = []
        collected: list[CollectedDecision] = []
        for index, world in enumerate(self._worlds):
            text, action = self._texts[index], int(buffer.actions[step, index])
            with world_faults(index):
                picture_state = world.picture_state() if to_remember[index] else None
                reward, episode = self._step_world(step, index, action, buffer)
            if episode:
                episodes.append(episode)
            if to_remember[index]:
                row = step * len(self._worlds) + index
                collected.append(CollectedDecision(row, text, action, reward, picture_state, self.task_id))
        return VectorStep(tuple(episodes), tuple(collected))

    def _step_world(self, step: int, index: int, action: int, buffer: RolloutBuffer) -> tuple[float, Episode | None]:
        """Step one environment; return its reward and, if the episode ended, its statistics. Then reset it."""
        text, raw_reward, terminated, truncated, info = self._worlds[index].step(action)
        buffer.rewards[step, index] = reward = finite("reward", raw_reward)
        self._rewards[index] += reward
        self._lengths[index] += 1
        self._texts[index] = text
        buffer.next_texts.append(text)
        if not (terminated or truncated):
            return reward, None
        buffer.terminated[step, index] = terminated
        if not terminated:
            buffer.truncations.append((step, index, text))
        score = finite("score", info["score"])
        episode = Episode(self._rewards[index], score, self._lengths[index], self.task_id)
        self._rewards[index], self._lengths[index] = 0.0, 0
        self._texts[index] = self._worlds[index].reset(seed=self._starts.next(index))[0]
        return reward, episode


@dataclass(slots=True)
class RolloutBuffer:
    """A rollout while it is collected, from environments of one or several tasks; arrays are (T, N)."""

    task_ids: tuple[int, ...]
    """(N,) the task of each environment."""
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
    """Id of the initial state of each decision's episode, or UNKNOWN."""
    has_begun: NDArray[np.bool_]
    """(N,) whether an episode was under way in each environment before the first step."""
    texts: list[str] = field(default_factory=list)
    """Observed sentences, step by step."""
    next_texts: list[str] = field(default_factory=list)
    """Sentences observed after each step, before any reset."""
    truncations: list[tuple[int, int, str]] = field(default_factory=list)
    """Step, environment and final sentence of each episode that a time limit ended."""
    teacher_outputs: list[TeacherOutput] = field(default_factory=list)
    """Output of the teacher at each step; empty without a teacher."""
    teaching: Teaching | None = None
    """Settings of the distillation loss; None without a teacher."""

    @classmethod
    def empty(cls, steps: int, task_ids: Sequence[int]) -> RolloutBuffer:
        """Return an empty buffer for `steps` steps in one environment per task id."""
        worlds = len(task_ids)
        actions, last_values = np.zeros((steps, worlds), dtype=np.int64), np.zeros(worlds, dtype=np.float32)
        log_probs, values, rewards, terminated, truncated, final_values = np.zeros((6, steps, worlds), dtype=np.float32)
        floats = (log_probs, values, rewards, terminated, truncated, final_values)
        return cls(
            tuple(task_ids), actions, *floats, last_values, np.full_like(actions, UNKNOWN), np.zeros(worlds, np.bool_)
        )

    def close(self, values: Numbers) -> None:
        """Set the bootstrap values (N + K,): N after the last step, then one for each of K truncations, in order."""
        worlds = len(self.task_ids)
        self.last_values = values[:worlds]
        for (step, index, _), value in zip(self.truncations, values[worlds:], strict=True):
            self.truncated[step, index], self.final_values[step, index] = 1.0, value

    def rollout(self, policy: Policy) -> Rollout:
        """Return the rollout as tensors, its observations encoded by the policy."""
        observations = policy.encode(self.texts, [*self.task_ids] * len(self.actions))
        arrays = (*(getattr(self, name) for name in ROLLOUT_ARRAYS), self.last_values)
        device = observations.rows.device
        numbers = (torch.from_numpy(array).to(device) for array in arrays)
        starts = torch.from_numpy(self.starts).to(device) if (self.starts != UNKNOWN).any() else None
        rollout = Rollout(observations, *numbers)
        with_texts = replace(rollout, texts=tuple(self.texts), next_texts=tuple(self.next_texts))
        partial = torch.from_numpy(self._partial()).to(device)
        return replace(with_texts, starts=starts, partial=partial, labels=self._labels(device))

    def _partial(self) -> NDArray[np.bool_]:
        """Return (T, N) whether each decision's episode began before the rollout or continues after it."""
        ended = (self.terminated + self.truncated) > 0
        ends_within = np.logical_or.accumulate(ended[::-1])[::-1]  # some end at this step or later
        follows_end = np.logical_or.accumulate(np.vstack([np.zeros_like(ended[:1]), ended[:-1]]))  # some end before
        partial: NDArray[np.bool_] = ~ends_within | (self.has_begun & ~follows_end)
        return partial

    def _labels(self, device: torch.device) -> TeacherLabels | None:
        if self.teaching is None:
            return None
        probabilities = torch.from_numpy(np.concatenate([output.probabilities for output in self.teacher_outputs])).to(
            device
        )
        choices = torch.from_numpy(np.concatenate([output.choices for output in self.teacher_outputs])).to(device)
        return TeacherLabels(probabilities, choices, self.teaching)
