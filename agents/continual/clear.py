"""CLEAR (Rolnick et al., 2019): off-policy replay with V-trace and behavioural cloning beside new experience.

Replayed unrolls are trained on with V-trace (Espeholt et al., 2018), which corrects for the change of the policy since
they were collected, and with cloning losses to the stored action probabilities and values.

Shapes: U unrolls of at most L steps, A actions.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.config.strategies import CLEARConfig
from agents.continual import ContinualStrategy
from agents.continual.reservoir import Reservoir
from agents.continual.unrolls import Cuts, Unrolls
from agents.continual.v_trace import v_trace
from agents.memory import Memory
from agents.policies import Policy
from agents.replay.reward_scaling import divisors, scales_of, scales_state
from agents.rollout import Rollout
from agents.state_tree import State


class CLEAR(ContinualStrategy):
    """Add to every gradient step the loss on unrolls from all of training. Needs no task boundaries."""

    config: CLEARConfig

    def __init__(self, config: CLEARConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.reservoir = Reservoir()
        self._pending: list[Rollout] = []
        """Rollouts that are not in the reservoir yet."""
        self._scales: dict[int, float] = {}
        """The latest divisor of rewards, by task id."""

    def observe(self, rollout: Rollout) -> None:
        """Queue the rollout; `penalty` adds it to the reservoir, as only that receives the policy."""
        self._scales |= rollout.scales
        self._pending.append(rollout)

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return the loss on replayed unrolls times f / (1 − f), a scalar, for the replay fraction f."""
        while self._pending:  # before the first gradient step, the weights are those that collected it
            cuts = Cuts.of(self._pending[0], self.config.unroll_length)
            self.reservoir.admit(cuts, policy, self.config.buffer_size, self.generator)
            del self._pending[0]
        unrolls = self.reservoir.sample(self.config.unrolls, self.generator)
        if unrolls is None or not self.config.replay_fraction:
            return 0.0
        scaled = unrolls.scaled(divisors(self._scales, unrolls.task_ids[:, 0]))
        terms = replay_losses(scaled, policy, self.config.gamma)
        loss = (
            terms.policy
            + self.config.vf_coef * terms.value
            + self.config.policy_cloning_coef * terms.cloning
            + self.config.value_cloning_coef * terms.value_cloning
        )
        return self.config.replay_fraction / (1 - self.config.replay_fraction) * loss

    def state(self) -> State:
        """Return the reservoir, the pending rollouts and the reward scales."""
        pending = [rollout.state() for rollout in self._pending]
        return {**self.reservoir.state(), "pending": pending, "scales": scales_state(self._scales)}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._scales = scales_of(state)
        self.reservoir.restore(state)
        self._pending = [Rollout.restored(rollout) for rollout in state["pending"]]


@dataclass(frozen=True, slots=True)
class ReplayLosses:
    """The four losses of the paper's section 3, scalars: means over all replayed steps."""

    policy: Tensor
    """Policy gradient with V-trace advantages."""
    value: Tensor
    """Squared error of the values to the V-trace targets."""
    cloning: Tensor
    """KL(stored ‖ policy) of the action distributions."""
    value_cloning: Tensor
    """Squared error of the values to the stored ones."""


def replay_losses(unrolls: Unrolls, policy: Policy, gamma: float) -> ReplayLosses:
    """Return the losses of the current policy on U unrolls of L steps."""
    distribution, values = policy(unrolls.observations())
    shape = unrolls.task_ids.shape  # (U, L + 1): the last observation is needed for its value only
    logits = distribution.logits.unflatten(0, shape)[:, :-1]  # (U, L, A)
    values = values.unflatten(0, shape)  # (U, L + 1)
    log_probs = logits.gather(-1, unrolls.actions[..., None]).squeeze(-1)  # (U, L)
    targets, advantages = _off_policy_targets(unrolls, values.detach(), log_probs.detach(), gamma)
    probabilities = F.pad(unrolls.probabilities, (0, logits.shape[-1] - unrolls.probabilities.shape[-1]))
    divergence = F.kl_div(logits, probabilities, reduction="none").sum(-1)  # (U, L)

    def mean(losses: Tensor) -> Tensor:
        """Return the mean of losses (U, L) over the steps that are not padding."""
        return losses[unrolls.valid].mean()

    return ReplayLosses(
        policy=mean(-log_probs * advantages),
        value=mean((values[:, :-1] - targets) ** 2),
        cloning=mean(divergence),
        value_cloning=mean((values[:, :-1] - unrolls.values) ** 2),
    )


def _off_policy_targets(unrolls: Unrolls, values: Tensor, log_probs: Tensor, gamma: float) -> tuple[Tensor, Tensor]:
    """Return V-trace targets and advantages, (U, L) each, from current `values` (U, L + 1) and `log_probs` (U, L)."""
    # V-trace ignores a step whose importance ratio is 0, so padding needs no other mask
    log_ratios = (log_probs - unrolls.log_probs).masked_fill(~unrolls.valid, -torch.inf)
    discounts = gamma * (1 - (unrolls.terminated + unrolls.truncated).clamp(max=1))
    rewards = unrolls.rewards + gamma * unrolls.final_values  # final values are 0 unless truncated
    # V-trace expects time first: (L, U)
    targets, advantages = v_trace(log_ratios.T, discounts.T, rewards.T, values[:, :-1].T, values[:, -1])
    return targets.T, advantages.T
