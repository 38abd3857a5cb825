"""A replay buffer of transitions between sentences, filled from rollouts.

Shapes: T steps, N environments, B transitions, W numbers per encoded sentence.
"""

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

_TASK_ID, _LENGTH, _TOKENS = 0, 1, 2
"""Columns of an encoded sentence: task id, length, then tokens. Tokens are small integers, or floats of a policy with
numeric observations; float32 represents both exactly."""


@dataclass(frozen=True, slots=True)
class Transitions:
    """A sample of B transitions of one or several steps; row i of each field is transition i."""

    observations: Observations
    next_observations: Observations
    actions: Tensor
    """(B,) action indices."""
    rewards: Tensor
    """(B,) scaled, discounted sum of rewards up to the next observation."""
    discounts: Tensor
    """(B,) discount of the next observation's value; 0 where it is terminal."""
    weights: Tensor
    """(B,) importance weights for the loss."""
    rows: Tensor
    """(B,) row of each transition in the buffer."""

    def __len__(self) -> int:
        return len(self.actions)

    def __getitem__(self, rows: Tensor) -> Transitions:
        return Transitions(*(getattr(self, field.name)[rows] for field in fields(self)))


class TransitionBuffer:
    """A ring buffer of n-step transitions between sentences. At a rollout's end they are shorter, and bootstrapped.

    Rewards are stored unscaled, and scaled when sampled, by the latest divisor of their task.
    """

    def __init__(self, config: DQNConfig, seed: int, device: torch.device) -> None:
        self._steps, self._gamma = config.n_steps, config.gamma
        self._device = device
        self._buffer = create_buffer(config, _TOKENS, np.random.default_rng(seed))
        self._scales: dict[int, float] = {}
        """Divisors of the rewards, by task id."""
        self._dtype = torch.long
        """Type of the policy's tokens, from the last rollout that was written."""

    def write(self, rollout: Rollout, next_observations: Observations) -> None:
        """Store the transitions of `rollout`; `next_observations` are the T * N observations after its steps."""
        self._scales |= rollout.scales
        self._dtype = rollout.observations.prompts.tokens.dtype
        self._buffer.widen(
            _TOKENS + max(rollout.observations.prompts.tokens.shape[1], next_observations.prompts.tokens.shape[1])
        )
        steps, worlds = rollout.actions.shape
        observations, followers = (  # each (T, N, W)
            self._encoded(sentences).reshape(steps, worlds, -1)
            for sentences in (rollout.observations, next_observations)
        )
        actions, rewards = rollout.actions.tolist(), rollout.rewards.tolist()
        terminated, truncated = rollout.terminated.tolist(), rollout.truncated.tolist()
        for world in range(worlds):
            n_step = NStepReturns(self._steps, self._gamma)
            for step in range(steps):
                is_terminal = bool(terminated[step][world])
                is_last = is_terminal or bool(truncated[step][world]) or step + 1 == steps
                current = (observations[step, world], actions[step][world], rewards[step][world])
                for each in n_step.add(current, followers[step, world], terminated=is_terminal, ended=is_last):
                    self._buffer.write(each.observation, each.action, each.reward, each.next_observation, each.discount)

    def sample(self, count: int, beta: float) -> Transitions:
        """Sample B = `count` transitions; the importance weights are corrected with exponent `beta` in [0, 1]."""
        sample = self._buffer.sample(count, beta)
        batch = sample.transitions.to(self._device)
        observations, next_observations = (
            _decoded(encoded, self._dtype) for encoded in (batch.observations, batch.next_observations)
        )
        rewards = batch.rewards / divisors(self._scales, observations.task_ids)
        weights, rows = sample.weights.to(self._device), torch.from_numpy(sample.rows).to(self._device)
        return Transitions(observations, next_observations, batch.actions, rewards, batch.discounts, weights, rows)

    def update_priorities(self, rows: Tensor, td_error: Tensor) -> None:
        """Set the priorities of the transitions at `rows` (B,) from their TD errors (B,)."""
        self._buffer.update_priorities(rows.cpu().numpy(), td_error.detach().cpu().numpy())

    def state(self) -> State:
        """Return the transitions, the random generator and the reward divisors."""
        return {**self._buffer.state(), "scales": scales_state(self._scales)}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._scales = scales_of(state)
        self._buffer.widen(state["transitions"]["observations"].shape[1])
        self._buffer.restore(moved(state, torch.device("cpu")))

    def _encoded(self, sentences: Observations) -> Numbers:
        """Encode each decision's sentence as one row, (B, W)."""
        tokens = sentences.prompts.tokens[sentences.rows]  # (B, tokens)
        encoded = np.zeros((len(tokens), self._buffer.width), dtype=np.float32)
        encoded[:, _TASK_ID] = sentences.task_ids.cpu().numpy()
        encoded[:, _LENGTH] = sentences.prompts.lengths[sentences.rows].cpu().numpy()
        encoded[:, _TOKENS : _TOKENS + tokens.shape[1]] = tokens.cpu().numpy()
        return encoded


def create_buffer(config: DQNConfig, width: int, generator: np.random.Generator) -> ReplayBuffer:
    """Return an empty buffer, with prioritised or uniform sampling, for observations of `width` numbers."""
    if config.prioritised:
        return PrioritisedBuffer(config.buffer_size, width, generator, config.alpha)
    return ReplayBuffer(config.buffer_size, width, generator)


def _decoded(encoded: Tensor, dtype: torch.dtype) -> Observations:
    """Decode (B, W) sentences to observations with tokens of `dtype`; equal sentences are stored once.

    `unique` sorts them, so that neighbours share long prefixes, which the language model computes once.
    """
    task_ids, lengths = encoded[:, _TASK_ID].long(), encoded[:, _LENGTH].long()
    tokens = encoded[:, _TOKENS : _TOKENS + int(lengths.max())].to(dtype)
    # the length as last column keeps sentences apart that differ only in padding
    distinct, rows = torch.unique(torch.cat([tokens, lengths[:, None].to(dtype)], 1), dim=0, return_inverse=True)
    return Observations(Prompts(distinct[:, :-1].contiguous(), distinct[:, -1].long().contiguous()), rows, task_ids)
