"""A family of tasks: training members, held-out members, and rollouts from one of them. Shape: T steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from agents.collect.collector import CollectedDecision, Episode
from agents.meta import EpisodeGenerator, MemberStep
from agents.policies import Policy
from agents.policies.batched import BatchedPolicy, draw_rows
from agents.rollout import Rollout
from envs import World
from envs.household.direction_words import cosets
from envs.task import Task

HELD_OUT = 2
"""Number of cosets that are held out for the meta-test."""

Choose = Callable[[int], Sequence[bool]]
"""Returns which of the next `count` decisions are candidates for the memory."""


def split(task: Task) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the training members and the held-out members; the member in the options of `task` is held out.

    Whole cosets are held out: within one, each word means each direction exactly once, so
    that neither part is biased. If single members were held out, the missing ones could be
    inferred from the statistics of the others.
    """
    own = int(task.options.get("member", 0))
    groups = cosets()
    first = next(index for index, group in enumerate(groups) if own in group)
    order = [*groups[first:], *groups[:first]]
    test = (member for group in order[:HELD_OUT] for member in group)
    return tuple(member for group in order[HELD_OUT:] for member in group), tuple(test)


def member_task(task: Task, member: int) -> Task:
    """Return the same task as another member of the family."""
    return Task(key=task.key, options={**task.options, "member": member})


class FamilyMember:
    """Environments of one family member, from which complete episodes are collected in parallel."""

    def __init__(self, task: Task, task_id: int, worlds: int, seed: np.random.SeedSequence) -> None:
        self._task_id = task_id
        self._worlds = [task.make() for _ in range(worlds)]
        for world, start in zip(self._worlds, seed.generate_state(worlds).tolist(), strict=True):
            world.reset(seed=start)

    def collect(self, policy: Policy, generator: torch.Generator, choose: Choose | None = None) -> EpisodeGenerator:
        """Collect one episode from each environment; return them concatenated, as a rollout (T, 1)."""
        outputs = BatchedPolicy(policy, self._task_id)
        buffers = [_EpisodeBuffer(world, self._task_id, world.reset()[0]) for world in self._worlds]
        while running := [buffer for buffer in buffers if buffer.episode is None]:
            selected = [False] * len(running) if choose is None else choose(len(running))
            rows = outputs.rows_for([buffer.text for buffer in running])
            log_probs, values = outputs.log_probs(rows), outputs.values(rows)
            actions = draw_rows(log_probs, generator).tolist()
            collected = []
            for row, (buffer, action) in enumerate(zip(running, actions, strict=True)):
                picture_state = buffer.world.picture_state() if selected[row] else None
                text = buffer.text
                reward = buffer.act(action, float(log_probs[row, action]), float(values[row]))
                if selected[row]:
                    collected.append(CollectedDecision(row, text, action, reward, picture_state, self._task_id))
            ended = tuple(buffer.episode for buffer in running if buffer.episode is not None)
            yield MemberStep(len(running), ended, tuple(collected))
        return self._rollout(policy, outputs, buffers)

    def _rollout(self, policy: Policy, outputs: BatchedPolicy, buffers: Sequence[_EpisodeBuffer]) -> Rollout:
        final_values = outputs.values(outputs.rows_for([buffer.text for buffer in buffers]))
        for buffer, value in zip(buffers, final_values, strict=True):
            buffer.final_values[-1] = float(value) * buffer.truncated[-1]
        texts = [text for buffer in buffers for text in buffer.texts]
        observations = policy.encode(texts, [self._task_id] * len(texts))
        device = observations.rows.device

        def column(name: str, kind: torch.dtype = torch.float32) -> Tensor:
            numbers = [number for buffer in buffers for number in getattr(buffer, name)]
            return torch.tensor(numbers, dtype=kind, device=device)[:, None]  # (T, 1)

        return Rollout(
            observations=observations,
            actions=column("actions", torch.long),
            log_probs=column("log_probs"),
            values=column("values"),
            rewards=column("rewards"),
            terminated=column("terminated"),
            truncated=column("truncated"),
            final_values=column("final_values"),
            last_values=torch.zeros(1, device=device),  # the last episode has ended: nothing follows
        )


@dataclass(slots=True)
class _EpisodeBuffer:
    """One environment's episode, step by step."""

    world: World
    task_id: int
    text: str
    """The current observation."""
    episode: Episode | None = None
    """Set when the episode has ended."""
    texts: list[str] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    terminated: list[float] = field(default_factory=list)
    truncated: list[float] = field(default_factory=list)
    final_values: list[float] = field(default_factory=list)

    def act(self, action: int, log_prob: float, value: float) -> float:
        """Take a step, record it, and return its reward."""
        text, raw_reward, terminated, truncated, info = self.world.step(action)
        reward = float(raw_reward)
        self.texts.append(self.text)
        self.actions.append(action)
        self.log_probs.append(log_prob)
        self.values.append(value)
        self.rewards.append(reward)
        self.terminated.append(float(terminated))
        self.truncated.append(float(truncated and not terminated))
        self.final_values.append(0.0)
        self.text = text
        if terminated or truncated:
            self.episode = Episode(sum(self.rewards), float(info["score"]), len(self.rewards), self.task_id)
        return reward
