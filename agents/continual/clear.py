"""CLEAR (Rolnick et al., 2019): off-policy replay with V-trace and behavioural cloning beside new experience.

Replayed unrolls are learned from by V-trace (Espeholt et al., 2018), which corrects for the agent having
changed since, and the agent is held to what it did and expected then.
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
    """Mix into every gradient step unrolls from the whole life, the running task's too. Tasks need no borders."""

    config: CLEARConfig

    def __init__(self, config: CLEARConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.reservoir = Reservoir()
        self._lived: list[Rollout] = []
        """What was lived since the last gradient step."""
        self._scales: dict[int, float] = {}
        """What rewards are divided by, by the column of their task: now, or when it was last lived."""

    def observe(self, rollout: Rollout) -> None:
        """Take unrolls from here, as soon as the policy that lived them is at hand."""
        self._scales |= rollout.scales
        self._lived.append(rollout)

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return the loss on replayed unrolls, weighed so that `share` of what is learned from is theirs."""
        while self._lived:  # no step was taken since: these weights are those that lived it
            cuts = Cuts.of(self._lived[0], self.config.unroll_length)
            self.reservoir.admit(cuts, policy, self.config.buffer_size, self.generator)
            del self._lived[0]
        unrolls = self.reservoir.draw(self.config.unrolls, self.generator)
        if unrolls is None or not self.config.replay_fraction:
            return 0.0
        counted = unrolls.scaled(divisors(self._scales, unrolls.task_ids[:, 0]))
        terms = replayed(counted, policy, self.config.gamma)
        loss = (
            terms.policy
            + self.config.vf_coef * terms.value
            + self.config.policy_cloning_coef * terms.cloning
            + self.config.value_cloning_coef * terms.value_cloning
        )
        return self.config.replay_fraction / (1 - self.config.replay_fraction) * loss

    def state(self) -> State:
        """Return the unrolls that are kept, what waits for a gradient step, and the scales."""
        waiting = [rollout.state() for rollout in self._lived]
        return {**self.reservoir.state(), "lived": waiting, "scales": scales_state(self._scales)}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._scales = scales_of(state)
        self.reservoir.restore(state)
        self._lived = [Rollout.restored(lived) for lived in state["lived"]]


@dataclass(frozen=True, slots=True)
class Terms:
    """The four losses of the paper's section 3, each the mean over all replayed steps."""

    policy: Tensor
    """V-trace's policy gradient."""
    value: Tensor
    """Squared distance of the values from V-trace's targets."""
    cloning: Tensor
    """KL(then ‖ now) of the decisions."""
    value_cloning: Tensor
    """Squared distance of the values from those of then."""


def replayed(unrolls: Unrolls, policy: Policy, gamma: float) -> Terms:
    """Look at these unrolls with the policy of now."""
    actions, values = policy(unrolls.observations())
    shape = unrolls.task_ids.shape
    logits = actions.logits.unflatten(0, shape)[:, :-1]  # (U, L, A): of the sentence that follows only the value counts
    each = values.unflatten(0, shape)  # (U, L + 1)
    log_probs = logits.gather(-1, unrolls.actions[..., None]).squeeze(-1)
    targets, advantages = _corrected(unrolls, each.detach(), log_probs.detach(), gamma)
    probabilities = F.pad(unrolls.probabilities, (0, logits.shape[-1] - unrolls.probabilities.shape[-1]))
    divergence = F.kl_div(logits, probabilities, reduction="none").sum(-1)

    def mean(losses: Tensor) -> Tensor:
        return losses[unrolls.valid].mean()

    return Terms(
        policy=mean(-log_probs * advantages),
        value=mean((each[:, :-1] - targets) ** 2),
        cloning=mean(divergence),
        value_cloning=mean((each[:, :-1] - unrolls.values) ** 2),
    )


def _corrected(unrolls: Unrolls, values: Tensor, log_probs: Tensor, gamma: float) -> tuple[Tensor, Tensor]:
    """Return V-trace's targets and advantages, (U, L) each, by `values` (U, L + 1) and `log_probs` (U, L) of now."""
    log_ratios = (log_probs - unrolls.log_probs).masked_fill(~unrolls.valid, -torch.inf)
    discounts = gamma * (1 - (unrolls.terminated + unrolls.truncated).clamp(max=1))
    rewards = unrolls.rewards + gamma * unrolls.final_values  # 0 unless a time limit cut in
    targets, advantages = v_trace(log_ratios.T, discounts.T, rewards.T, values[:, :-1].T, values[:, -1])
    return targets.T, advantages.T
