"""A replay buffer of transitions, filled from rollouts."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from agents.config.algorithms import DQNConfig
from agents.language import Prompts
from agents.policies import Observations
from agents.replay.n_step import NStepReturns
from agents.replay.prioritised import PrioritisedBuffer
from agents.replay.reward_scaling import divisors, scales_of, scales_state
from agents.replay.uniform import Numbers, ReplayBuffer
from agents.rollout import Rollout
from agents.state_tree import State, moved

_COLUMN, _LENGTH, _TOKENS = 0, 1, 2
"""A sentence is kept as its task, its length, and its tokens: small whole numbers, or float32 where a policy reads
bare numbers. Both are exact in float32."""


@dataclass(frozen=True, slots=True)
class Transitions:
    """Steps drawn from the buffer; row i of each field is one step, or n of them in one."""

    observations: Observations
    next_observations: Observations
    """What each step led to."""
    actions: Tensor
    rewards: Tensor
    discounts: Tensor
    """What a value there counts here; 0 where the world ended."""
    weights: Tensor
    """How much each counts in the loss."""
    places: Tensor
    """Where each is kept."""

    def __len__(self) -> int:
        return len(self.actions)

    def __getitem__(self, rows: Tensor) -> Transitions:
        return Transitions(*(getattr(self, field.name)[rows] for field in fields(self)))


class TransitionBuffer:
    """A ring of steps between sentences. A sum of n rewards ends where the rollout does: the rest is a value.

    Rewards are kept as the worlds paid them, and scaled when they are drawn, by the latest scale of their task.
    """

    def __init__(self, config: DQNConfig, seed: int, device: torch.device) -> None:
        self._steps, self._gamma = config.n_steps, config.gamma
        self._device = device
        self._buffer = buffer(config, _TOKENS, np.random.default_rng(seed))
        self._scales: dict[int, float] = {}
        """What rewards are divided by, by the column of their task."""
        self._dtype = torch.long
        """Of the policy's tokens; every rollout that is written brings it."""

    def write(self, rollout: Rollout, next_observations: Observations) -> None:
        """Keep every step of `rollout`, each of which led to the sentence in `next_observations`."""
        self._scales |= rollout.scales
        self._dtype = rollout.observations.prompts.tokens.dtype
        self._buffer.widen(
            _TOKENS + max(rollout.observations.prompts.tokens.shape[1], next_observations.prompts.tokens.shape[1])
        )
        steps, worlds = rollout.actions.shape
        seen, after = (
            self._laid(sentences).reshape(steps, worlds, -1) for sentences in (rollout.observations, next_observations)
        )
        actions, rewards = rollout.actions.tolist(), rollout.rewards.tolist()
        terminated, truncated = rollout.terminated.tolist(), rollout.truncated.tolist()
        for world in range(worlds):
            leaps = NStepReturns(self._steps, self._gamma)
            for step in range(steps):
                ended = bool(terminated[step][world])
                over = ended or bool(truncated[step][world]) or step + 1 == steps
                lived = (seen[step, world], actions[step][world], rewards[step][world])
                for leap in leaps.add(lived, after[step, world], terminated=ended, over=over):
                    self._buffer.write(leap.observation, leap.action, leap.reward, leap.next_observation, leap.discount)

    def draw(self, count: int, beta: float) -> Transitions:
        """Return so many steps; `beta` says how much of the bias of drawing by surprise is taken back."""
        drawn = self._buffer.draw(count, beta)
        kept = drawn.steps.to(self._device)
        seen, next_observations = (
            _sentences(found, self._dtype) for found in (kept.observations, kept.next_observations)
        )
        rewards = kept.rewards / divisors(self._scales, seen.task_ids)
        weights, rows = drawn.weights.to(self._device), torch.from_numpy(drawn.rows).to(self._device)
        return Transitions(seen, next_observations, kept.actions, rewards, kept.discounts, weights, rows)

    def learned(self, places: Tensor, td_error: Tensor) -> None:
        """Hear how much the steps at `places` surprised."""
        self._buffer.learned(places.cpu().numpy(), td_error.detach().cpu().numpy())

    def state(self) -> State:
        """Return what is kept, what decides the next draw, and the scales."""
        return {**self._buffer.state(), "scales": scales_state(self._scales)}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken. Raises ValueError if its rewards were scaled when they were stored."""
        self._scales = scales_of(state)
        self._buffer.widen(state["kept"]["observations"].shape[1])
        self._buffer.restore(moved(state, torch.device("cpu")))

    def _laid(self, sentences: Observations) -> Numbers:
        """Return each decision's sentence as it is kept, (B, width)."""
        tokens = sentences.prompts.tokens[sentences.rows]
        kept = np.zeros((len(tokens), self._buffer.width), dtype=np.float32)
        kept[:, _COLUMN] = sentences.task_ids.cpu().numpy()
        kept[:, _LENGTH] = sentences.prompts.lengths[sentences.rows].cpu().numpy()
        kept[:, _TOKENS : _TOKENS + tokens.shape[1]] = tokens.cpu().numpy()
        return kept


def buffer(config: DQNConfig, width: int, generator: np.random.Generator) -> ReplayBuffer:
    """Return the empty buffer that `config` asks for."""
    if config.prioritised:
        return PrioritisedBuffer(config.buffer_size, width, generator, config.alpha)
    return ReplayBuffer(config.buffer_size, width, generator)


def _sentences(kept: Tensor, dtype: torch.dtype) -> Observations:
    """Read (B, width) kept sentences with tokens of `dtype`, equal ones once.

    They come in an order that lets neighbours share their beginnings.
    """
    task_ids, lengths = kept[:, _COLUMN].long(), kept[:, _LENGTH].long()
    tokens = kept[:, _TOKENS : _TOKENS + int(lengths.max())].to(dtype)
    distinct, rows = torch.unique(torch.cat([tokens, lengths[:, None].to(dtype)], 1), dim=0, return_inverse=True)
    return Observations(Prompts(distinct[:, :-1].contiguous(), distinct[:, -1].long().contiguous()), rows, task_ids)
