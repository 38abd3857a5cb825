"""Unrolls: short sequences of consecutive steps, stored for off-policy replay."""

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
    """U stretches of at most L steps of one world, padded at their ends, and the sentence that followed each."""

    tokens: Tensor
    """(U, L + 1, W) the sentences."""
    lengths: Tensor
    """(U, L + 1) how many tokens of each are real."""
    task_ids: Tensor
    """(U, L + 1) the task that each belongs to."""
    valid: Tensor
    """(U, L) whether the step was lived; otherwise it is padding."""
    actions: Tensor
    """(U, L) what was done."""
    log_probs: Tensor
    """(U, L) how likely that was."""
    probabilities: Tensor
    """(U, L, A) how likely every action was."""
    values: Tensor
    """(U, L) what was expected, in units of what worlds pay."""
    rewards: Tensor
    """(U, L) what was paid."""
    terminated: Tensor
    """(U, L) 1 where the world ended."""
    truncated: Tensor
    """(U, L) 1 where the time limit cut in."""
    final_values: Tensor
    """(U, L) value of the sentence that the time limit cut off, in the same units, 0 elsewhere."""

    def __len__(self) -> int:
        return len(self.valid)

    def __getitem__(self, rows: Tensor) -> Unrolls:
        return Unrolls(*(getattr(self, field.name)[rows] for field in fields(self)))

    def replaced(self, places: Sequence[int], others: Unrolls) -> Unrolls:
        """Return these with `others` at `places`; a place after the last one is a new one."""
        where, size = torch.tensor(places, device=self.valid.device), max([len(self), *(place + 1 for place in places)])
        wholes = []
        for field in fields(self):
            old, new = getattr(self, field.name), getattr(others, field.name)
            shape = [max(pair) for pair in zip(old.shape[1:], new.shape[1:], strict=True)]
            whole = _grown(old, [size, *shape]).clone()
            whole[where] = _grown(new, [len(new), *shape])
            wholes.append(whole)
        return Unrolls(*wholes)

    def scaled(self, divisors: Tensor) -> Unrolls:
        """Return them with rewards and values, (U, L) each, divided by `divisors`, (U,)."""
        counted = {name: getattr(self, name) / divisors[:, None] for name in ("values", "rewards", "final_values")}
        return replace(self, **counted)

    def observations(self) -> Observations:
        """Return every sentence, U * (L + 1) decisions, equal ones stored once and beside those that begin alike."""
        lengths = self.lengths.clamp(min=1)  # of a padded step, too, something has to be read
        sentences = torch.cat([lengths[..., None], self.tokens], dim=-1).flatten(0, 1)
        distinct, rows = torch.unique(sentences, dim=0, return_inverse=True)
        return Observations(Prompts(distinct[:, 1:], distinct[:, 0].long()), rows, self.task_ids.flatten())


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where a rollout may be cut into unrolls. Its last step serves as what follows the one before it."""

    rollout: Rollout
    steps: Tensor
    """(U, L + 1) the steps of each unroll and the one after it; those that it does not have repeat the last one."""
    valid: Tensor
    """(U, L)"""
    worlds: Tensor
    """(U,)"""

    @classmethod
    def of(cls, rollout: Rollout, length: int) -> Cuts:
        """Cut each world's steps into stretches of `length` and one of what is left; one step alone makes none."""
        steps, worlds = rollout.actions.shape
        last, device = steps - 1, rollout.actions.device
        length = max(min(length, last), 1)
        places = torch.arange(0, last, length, device=device)[:, None] + torch.arange(length + 1, device=device)
        valid = places[:, :-1] < last
        each = torch.arange(worlds, device=device).repeat(len(places))
        return cls(
            rollout, places.clamp(max=last).repeat_interleave(worlds, 0), valid.repeat_interleave(worlds, 0), each
        )

    def __len__(self) -> int:
        return len(self.worlds)

    @torch.no_grad()
    def taken(self, rows: Sequence[int], policy: Policy) -> Unrolls:
        """Return these unrolls, with the probabilities that `policy`, which lived them, gave to every action."""
        chosen = torch.tensor(rows, device=self.worlds.device)
        steps, worlds, rollout = self.steps[chosen], self.worlds[chosen, None], self.rollout
        flat = steps * rollout.actions.shape[1] + worlds  # (U, L + 1)
        seen = rollout.observations
        sentences = seen.rows[flat]
        before = steps[:, :-1]
        probabilities = policy(seen[flat[:, :-1].flatten()])[0].probs.unflatten(0, before.shape)
        kept = ("actions", "log_probs", "values", "rewards", "terminated", "truncated", "final_values")
        numbers = {name: getattr(rollout, name)[before, worlds] for name in kept}
        if rollout.divisors is not None:  # values are expected in scaled rewards
            for name in ("values", "final_values"):
                numbers[name] = numbers[name] * rollout.divisors[worlds]
        return Unrolls(
            tokens=seen.prompts.tokens[sentences],
            lengths=seen.prompts.lengths[sentences],
            task_ids=seen.task_ids[flat],
            valid=self.valid[chosen],
            probabilities=probabilities,
            **numbers,
        )


def _grown(tensor: Tensor, shape: Sequence[int]) -> Tensor:
    """Pad every dimension at its end."""
    missing = [wanted - had for wanted, had in zip(shape, tensor.shape, strict=True)]
    return F.pad(tensor, [number for more in reversed(missing) for number in (0, more)])
