"""Rollouts: tensors of collected experience, and the interface of those who collect it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Protocol, Self

import torch
from torch import Tensor

from agents.language import Prompts
from agents.policies import Observations
from agents.state_tree import State
from envs.teaching import Teaching


class Decisions(Protocol):
    """What one gradient step learns from: it has a length, and rows can be taken of it."""

    @property
    def actions(self) -> Tensor:
        """(B,) what was done."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor) -> Self: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Decisions ready for a loss; row i of each field is one decision."""

    observations: Observations
    actions: Tensor
    log_probs: Tensor
    advantages: Tensor
    returns: Tensor

    def __len__(self) -> int:
        return len(self.actions)

    def __getitem__(self, rows: Tensor) -> Batch:
        return Batch(*(getattr(self, each.name)[rows] for each in fields(self)))

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """Split into random minibatches of at most `size` rows."""
        order = torch.randperm(len(self), generator=generator, device=generator.device)
        for rows in order.to(self.actions.device).split(size):
            yield self[rows]


@dataclass(frozen=True, slots=True)
class TeacherLabels:
    """What a teacher says about each decision of a rollout, B = T * N of them, step by step."""

    probabilities: Tensor
    """(B, A) how likely the teacher would have taken each action that the decision's task offers; 0 beyond those."""
    choices: Tensor
    """(B,) which one it would have taken."""
    teaching: Teaching
    """How it is to be learned from."""


_UNSAVED = 5
"""Fields at a rollout's end that are not saved: what is learned from at once."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """T consecutive steps in N worlds; tensors are (T, N)."""

    observations: Observations
    """Flat, T * N decisions, step by step."""
    actions: Tensor
    log_probs: Tensor
    values: Tensor
    rewards: Tensor
    """What the worlds paid; `scaled_rewards` tells what the agent learns from."""
    terminated: Tensor
    """1 where the world ended: nothing follows, the future is worth nothing."""
    truncated: Tensor
    """1 where the time limit cut in: the future is worth `final_values`."""
    final_values: Tensor
    """Value of the sentence after a truncated step (before the reset), 0 elsewhere."""
    last_values: Tensor
    """(N,) value of what follows the last step, for bootstrapping."""
    starts: Tensor | None = None
    """(T, N) which start each decision's episode had: equal numbers, equal starts; None: none are known to be equal."""
    durations: Tensor | None = None
    """(T, N) steps that each decision lasted, in which it earned its reward at the end; None: one step each."""
    divisors: Tensor | None = None
    """(N,) what the rewards of each world are divided by to be learned from now; None: 1."""
    partial: Tensor | None = None
    """(T, N) whether each decision is of an episode that began before the rollout or goes on after it; None: only the
    latter are known."""

    read: tuple[str, ...] = field(default=(), kw_only=True)
    """The sentence of each decision, step by step; not saved, as it is learned from at once."""
    led_to: tuple[str, ...] = field(default=(), kw_only=True)
    """The sentence after each decision, before any reset."""
    extra_metrics: Mapping[str, float] = field(default_factory=dict, kw_only=True)
    """What else there is to plot of it; not saved."""
    units: Mapping[int, float] = field(default_factory=dict, kw_only=True)
    """By column: the largest return that its task has paid so far, as `ReturnScale.unit` counts it; not saved."""
    labels: TeacherLabels | None = field(default=None, kw_only=True)
    """What is learned from in place of rewards; None: nobody taught."""

    @property
    def repetition(self) -> float:
        """The share of worlds in which one and the same action was taken at every step."""
        return float((self.actions == self.actions[:1]).all(0).float().mean())

    def step_discount(self, gamma: float) -> Tensor | float:
        """Return how much what follows each decision counts: the discount of one step, or of as many as it lasted."""
        return gamma if self.durations is None else gamma**self.durations

    def scaled_rewards(self, gamma: float) -> Tensor:
        """Return what each decision earned (T, N), scaled, and discounted where it lasted: it is paid at its end."""
        scaled = self.rewards if self.divisors is None else self.rewards / self.divisors
        return scaled if self.durations is None else gamma ** (self.durations - 1) * scaled

    @property
    def scales(self) -> dict[int, float]:
        """What rewards are divided by now, by the column of the task that pays them."""
        if self.divisors is None:
            return {}
        task_ids = self.observations.task_ids[: len(self.divisors)]
        return dict(zip(task_ids.long().tolist(), self.divisors.tolist(), strict=True))

    def state(self) -> State:
        """Return it as plain tensors."""
        seen = self.observations
        return {
            "observations": [seen.prompts.tokens, seen.prompts.lengths, seen.rows, seen.task_ids, seen.allowed],
            "numbers": [getattr(self, each.name) for each in fields(self)[1:-_UNSAVED]],
        }

    @classmethod
    def restored(cls, state: State) -> Rollout:
        """Return the rollout that `state` was taken of."""
        tokens, lengths, *decisions = state["observations"]
        return cls(Observations(Prompts(tokens, lengths), *decisions), *state["numbers"])
