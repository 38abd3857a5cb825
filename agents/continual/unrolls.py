"""Unrolls: short sequences of consecutive steps, stored for off-policy replay.

Shapes: U unrolls, L steps of the longest one, W tokens of the longest sentence, A actions of the largest action set;
T steps of N environments in the rollout that they are cut from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.language import Prompts
from agents.policies import Observations, Policy
from agents.rollout import Rollout


@dataclass(frozen=True, slots=True)
class Unrolls:
    """U sequences of at most L steps, each in one environment, padded at the end, with the observation after each."""

    tokens: Tensor
    """(U, L + 1, W) tokens of the sentences."""
    lengths: Tensor
    """(U, L + 1) number of tokens of each sentence without padding."""
    task_ids: Tensor
    """(U, L + 1) task id of each observation."""
    valid: Tensor
    """(U, L) bool, False for padding."""
    actions: Tensor
    """(U, L) index of the action taken."""
    log_probs: Tensor
    """(U, L) its log-probability when it was taken."""
    probabilities: Tensor
    """(U, L, A) probabilities of all actions at that time."""
    values: Tensor
    """(U, L) outputs of the value head at that time, in units of unscaled rewards."""
    rewards: Tensor
    """(U, L) unscaled rewards."""
    terminated: Tensor
    """(U, L) 1 where the episode terminated."""
    truncated: Tensor
    """(U, L) 1 where the episode was truncated."""
    final_values: Tensor
    """(U, L) value of the last observation of a truncated episode, in units of unscaled rewards; 0 elsewhere."""

    def __len__(self) -> int:
        return len(self.valid)

    def __getitem__(self, rows: Tensor) -> Unrolls:
        return Unrolls(*(getattr(self, field.name)[rows] for field in fields(self)))

    def replaced(self, rows: Sequence[int], others: Unrolls) -> Unrolls:
        """Return a copy with `others` at `rows`; rows past the end are appended. Other dimensions are padded to fit."""
        index, size = torch.tensor(rows, device=self.valid.device), max([len(self), *(row + 1 for row in rows)])
        results = []
        for field in fields(self):
            old, new = getattr(self, field.name), getattr(others, field.name)
            # the longest sentence, unroll and action set may differ between the two
            shape = [max(pair) for pair in zip(old.shape[1:], new.shape[1:], strict=True)]
            result = _pad(old, [size, *shape]).clone()
            result[index] = _pad(new, [len(new), *shape])
            results.append(result)
        return Unrolls(*results)

    def scaled(self, divisors: Tensor) -> Unrolls:
        """Return a copy with rewards and values, (U, L) each, divided by `divisors`, (U,)."""
        scaled = {name: getattr(self, name) / divisors[:, None] for name in ("values", "rewards", "final_values")}
        return replace(self, **scaled)

    def observations(self) -> Observations:
        """Return all B = U · (L + 1) observations; equal sentences are stored once, sorted, to share prefixes."""
        lengths = self.lengths.clamp(min=1)  # the policy must read at least one token, even of padding
        sentences = torch.cat([lengths[..., None], self.tokens], dim=-1).flatten(0, 1)  # (B, 1 + W)
        distinct, rows = torch.unique(sentences, dim=0, return_inverse=True)
        return Observations(Prompts(distinct[:, 1:], distinct[:, 0].long()), rows, self.task_ids.flatten())


@dataclass(frozen=True, slots=True)
class Cuts:
    """The U unrolls that a rollout can be cut into. Its last step only provides the observation after the others."""

    rollout: Rollout
    steps: Tensor
    """(U, L + 1) step indices of each unroll and of the step after it; padding repeats the rollout's last step."""
    valid: Tensor
    """(U, L) bool, False for padding."""
    env_indices: Tensor
    """(U,) the environment of each unroll."""

    @classmethod
    def of(cls, rollout: Rollout, length: int) -> Cuts:
        """Cut each environment's T steps into unrolls of `length`, the last may be shorter; T = 1 gives none."""
        steps, n_envs = rollout.actions.shape
        last, device = steps - 1, rollout.actions.device
        length = max(min(length, last), 1)
        starts = torch.arange(0, last, length, device=device)[:, None]
        indices = starts + torch.arange(length + 1, device=device)  # (U / N, L + 1)
        valid = indices[:, :-1] < last
        env_indices = torch.arange(n_envs, device=device).repeat(len(indices))
        return cls(
            rollout,
            indices.clamp(max=last).repeat_interleave(n_envs, 0),
            valid.repeat_interleave(n_envs, 0),
            env_indices,
        )

    def __len__(self) -> int:
        return len(self.env_indices)

    @torch.no_grad()
    def evaluate(self, rows: Sequence[int], policy: Policy) -> Unrolls:
        """Return the unrolls at `rows`, with the action probabilities of `policy`, which must have collected them."""
        chosen = torch.tensor(rows, device=self.env_indices.device)
        steps, envs, rollout = self.steps[chosen], self.env_indices[chosen, None], self.rollout
        flat = steps * rollout.actions.shape[1] + envs  # (U, L + 1), as observations are flattened from (T, N)
        observations = rollout.observations
        sentences = observations.rows[flat]
        acted = steps[:, :-1]  # (U, L), without the step after the unroll
        probabilities = policy(observations[flat[:, :-1].flatten()])[0].probs.unflatten(0, acted.shape)
        names = ("actions", "log_probs", "values", "rewards", "terminated", "truncated", "final_values")
        columns = {name: getattr(rollout, name)[acted, envs] for name in names}
        if rollout.divisors is not None:  # the value head predicts scaled rewards; their scale changes later
            for name in ("values", "final_values"):
                columns[name] = columns[name] * rollout.divisors[envs]
        return Unrolls(
            tokens=observations.prompts.tokens[sentences],
            lengths=observations.prompts.lengths[sentences],
            task_ids=observations.task_ids[flat],
            valid=self.valid[chosen],
            probabilities=probabilities,
            **columns,
        )


def _pad(tensor: Tensor, shape: Sequence[int]) -> Tensor:
    """Pad every dimension with 0 at its end, up to `shape`."""
    missing = [target - current for target, current in zip(shape, tensor.shape, strict=True)]
    # `F.pad` takes pairs (before, after), the last dimension first
    return F.pad(tensor, [amount for after in reversed(missing) for amount in (0, after)])
