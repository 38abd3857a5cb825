"""Rollouts and minibatches: tensors of collected experience.

Shapes: T steps, N environments, B decisions (B = T * N in a whole rollout), A actions.
"""

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
    """A minibatch of any kind: B decisions that can be counted and indexed."""

    @property
    def actions(self) -> Tensor:
        """(B,) indices of the actions taken."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor) -> Self: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """B decisions ready for a loss; row i of each field is decision i."""

    observations: Observations
    actions: Tensor
    """(B,) action indices."""
    log_probs: Tensor
    """(B,) log-probability of each action under the policy that collected it."""
    advantages: Tensor
    """(B,)."""
    returns: Tensor
    """(B,) targets of the value function."""

    def __len__(self) -> int:
        return len(self.actions)

    def __getitem__(self, rows: Tensor) -> Batch:
        return Batch(*(getattr(self, each.name)[rows] for each in fields(self)))

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """Yield random minibatches of at most `size` decisions that together cover the batch once."""
        order = torch.randperm(len(self), generator=generator, device=generator.device)
        for rows in order.to(self.actions.device).split(size):
            yield self[rows]


@dataclass(frozen=True, slots=True)
class TeacherLabels:
    """A teacher's output for each decision of a rollout, in the order of its observations."""

    probabilities: Tensor
    """(B, A) action probabilities of the teacher; 0 for padding beyond the task's own actions."""
    choices: Tensor
    """(B,) index of the teacher's preferred action."""
    teaching: Teaching
    """Settings of the distillation loss."""


_UNSAVED = 5
"""Number of trailing `Rollout` fields that `state` leaves out; only the update right after collection needs them."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """T consecutive steps in N environments; tensors are (T, N) unless stated otherwise."""

    observations: Observations
    """B = T * N decisions, flattened in row-major order: all N of step 0, then all of step 1."""
    actions: Tensor
    log_probs: Tensor
    values: Tensor
    rewards: Tensor
    """Unscaled rewards of the environments; `scaled_rewards` are the ones to learn from."""
    terminated: Tensor
    """1 where the environment reached a terminal state: the next value is 0."""
    truncated: Tensor
    """1 where a time limit ended the episode: the next value is in `final_values`."""
    final_values: Tensor
    """Value of the observation after a truncated step (before the reset), 0 elsewhere."""
    last_values: Tensor
    """(N,) value of the observation after the last step, for bootstrapping."""
    starts: Tensor | None = None
    """(T, N) id of the initial state of each decision's episode; equal ids, equal states. None: no two are known to
    be equal."""
    durations: Tensor | None = None
    """(T, N) environment steps that each decision spans (an option); its reward is paid at the end. None: 1 each."""
    divisors: Tensor | None = None
    """(N,) divisor of each environment's rewards, for reward scaling; None: 1."""
    partial: Tensor | None = None
    """(T, N) whether each decision's episode began before the rollout or continues after it; None: only the
    continuing ones are known."""

    texts: tuple[str, ...] = field(default=(), kw_only=True)
    """B observed sentences, in the order of `observations`; not saved."""
    next_texts: tuple[str, ...] = field(default=(), kw_only=True)
    """B sentences observed after each decision, before any reset; not saved."""
    extra_metrics: Mapping[str, float] = field(default_factory=dict, kw_only=True)
    """Further metrics of this rollout, by name; not saved."""
    units: Mapping[int, float] = field(default_factory=dict, kw_only=True)
    """By task id: the largest scaled return so far, see `ReturnScale.unit`; not saved."""
    labels: TeacherLabels | None = field(default=None, kw_only=True)
    """Labels to learn from in place of the rewards; None without a teacher."""

    @property
    def repetition(self) -> float:
        """Fraction of the environments in which every step took the same action."""
        return float((self.actions == self.actions[:1]).all(0).float().mean())

    def step_discount(self, gamma: float) -> Tensor | float:
        """Return the discount of the value after each decision: `gamma`, or (T, N) `gamma ** durations`."""
        return gamma if self.durations is None else gamma**self.durations

    def scaled_rewards(self, gamma: float) -> Tensor:
        """Return the rewards to learn from, (T, N): divided by `divisors`, discounted to each decision's first step."""
        scaled = self.rewards if self.divisors is None else self.rewards / self.divisors
        return scaled if self.durations is None else gamma ** (self.durations - 1) * scaled

    @property
    def scales(self) -> dict[int, float]:
        """The divisors of the rewards, by task id; empty without reward scaling."""
        if self.divisors is None:
            return {}
        task_ids = self.observations.task_ids[: len(self.divisors)]
        return dict(zip(task_ids.long().tolist(), self.divisors.tolist(), strict=True))

    def state(self) -> State:
        """Return the rollout as nested lists of tensors."""
        batch = self.observations
        return {
            "observations": [batch.prompts.tokens, batch.prompts.lengths, batch.rows, batch.task_ids, batch.allowed],
            "numbers": [getattr(self, each.name) for each in fields(self)[1:-_UNSAVED]],
        }

    @classmethod
    def restored(cls, state: State) -> Rollout:
        """Return the rollout that was saved as `state`."""
        tokens, lengths, *decisions = state["observations"]
        return cls(Observations(Prompts(tokens, lengths), *decisions), *state["numbers"])
