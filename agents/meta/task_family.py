"""A family of tasks: training members, held-out members, and rollouts from one of them."""

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
"""Cosets that no meta-learner sees before the test."""

Choose = Callable[[int], Sequence[bool]]
"""Which of the next so many decisions are to be remembered."""


def split(task: Task) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the members that teach and those that test; the member that `task` names is among the latter.

    Whole cosets are held out: within one, each word leads in each direction once, so
    that neither part leans. With single members held out, the rest would give away what
    is missing.
    """
    own = int(task.options.get("member", 0))
    groups = cosets()
    first = next(place for place, group in enumerate(groups) if own in group)
    order = [*groups[first:], *groups[:first]]
    test = (member for group in order[:HELD_OUT] for member in group)
    return tuple(member for group in order[HELD_OUT:] for member in group), tuple(test)


def member_task(task: Task, member: int) -> Task:
    """Return the same task as another member of the family."""
    return Task(key=task.key, options={**task.options, "member": member})


class FamilyMember:
    """Some worlds of one member, in which whole episodes are lived side by side."""

    def __init__(self, task: Task, task_id: int, worlds: int, seed: np.random.SeedSequence) -> None:
        self._task_id = task_id
        self._worlds = [task.make() for _ in range(worlds)]
        for world, start in zip(self._worlds, seed.generate_state(worlds).tolist(), strict=True):
            world.reset(seed=start)

    def collect(self, policy: Policy, generator: torch.Generator, choose: Choose | None = None) -> EpisodeGenerator:
        """Live one episode in each world, and return all of them laid end to end, as if in one world."""
        answers = BatchedPolicy(policy, self._task_id)
        buffers = [_EpisodeBuffer(world, self._task_id, world.reset()[0]) for world in self._worlds]
        while playing := [buffer for buffer in buffers if buffer.episode is None]:
            wanted = [False] * len(playing) if choose is None else choose(len(playing))
            rows = answers.ask([buffer.text for buffer in playing])
            log_probs, values = answers.log_probs(rows), answers.values(rows)
            actions = draw_rows(log_probs, generator).tolist()
            lived = []
            for row, (buffer, action) in enumerate(zip(playing, actions, strict=True)):
                picture_state = buffer.world.picture_state() if wanted[row] else None
                text = buffer.text
                reward = buffer.act(action, float(log_probs[row, action]), float(values[row]))
                if wanted[row]:
                    lived.append(CollectedDecision(row, text, action, reward, picture_state, self._task_id))
            ended = tuple(buffer.episode for buffer in playing if buffer.episode is not None)
            yield MemberStep(len(playing), ended, tuple(lived))
        return self._rollout(policy, answers, buffers)

    def _rollout(self, policy: Policy, answers: BatchedPolicy, buffers: Sequence[_EpisodeBuffer]) -> Rollout:
        cut = answers.values(answers.ask([buffer.text for buffer in buffers]))
        for buffer, value in zip(buffers, cut, strict=True):
            buffer.final_values[-1] = float(value) * buffer.truncated[-1]
        texts = [text for buffer in buffers for text in buffer.texts]
        observations = policy.encode(texts, [self._task_id] * len(texts))
        device = observations.rows.device

        def joined(name: str, kind: torch.dtype = torch.float32) -> Tensor:
            told = [number for buffer in buffers for number in getattr(buffer, name)]
            return torch.tensor(told, dtype=kind, device=device)[:, None]  # (T, 1)

        return Rollout(
            observations=observations,
            actions=joined("actions", torch.long),
            log_probs=joined("log_probs"),
            values=joined("values"),
            rewards=joined("rewards"),
            terminated=joined("terminated"),
            truncated=joined("truncated"),
            final_values=joined("final_values"),
            last_values=torch.zeros(1, device=device),  # the last episode has ended: nothing follows
        )


@dataclass(slots=True)
class _EpisodeBuffer:
    """One world's episode, decision by decision."""

    world: World
    task_id: int
    text: str
    """What there is to read now."""
    episode: Episode | None = None
    """Set when it is over."""
    texts: list[str] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    terminated: list[float] = field(default_factory=list)
    truncated: list[float] = field(default_factory=list)
    final_values: list[float] = field(default_factory=list)

    def act(self, action: int, log_prob: float, value: float) -> float:
        """Take a step, note it, and return its reward."""
        text, paid, terminated, truncated, info = self.world.step(action)
        reward = float(paid)
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
