"""Group-relative policy optimisation (Shao et al., 2024): an episode's advantage is relative to its task's others."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from agents.algorithms import Algorithm, Loss
from agents.algorithms.advantages import deviations, normalised, to_batch
from agents.algorithms.episodes import EpisodeSegments, episode_segments
from agents.config.algorithms import GRPOConfig
from agents.policies import Act, Policy
from agents.policies.frozen import decide_with, weights_of
from agents.rollout import Batch, Rollout
from agents.state_tree import State

WHOLE = "whole_episodes"
"""Under which name the number of episodes that a rollout holds from beginning to end is told."""


class GRPO(Algorithm):
    """Do more of what was done in the episodes that went better than the rest of their group. No value is learned.

    A group is all episodes that a rollout lived in one task from beginning to end, or those of them that began alike.
    How an episode went that began before the rollout or goes on after it, the rollout does not know: it is left out.
    """

    config: GRPOConfig

    def __init__(self, config: GRPOConfig) -> None:
        self.config = config
        self.ent_coef = config.ent_coef
        self._reference: dict[str, Tensor] = {}
        """Weights of the reference policy; none: it is the one that lived the rollout."""
        self._age = 0
        """Updates that these weights have served."""
        self._policy: Policy | None = None
        """Whose weights they once were."""

    def begin_stage(self, policy: Policy) -> None:
        """Let go of the reference: the stage begins with one of its own."""
        self._reference, self._age = {}, 0

    def begin_update(self, policy: Policy) -> None:
        """Make the policy of now the reference, if there is none or if it has served its time."""
        self._policy, lasts = policy, self.config.ref_model_sync_steps
        if lasts == 1:
            self._reference = {}
        elif not self._reference or self._age == lasts:
            self._reference, self._age = weights_of(policy), 0
        self._age += 1

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield shuffled minibatches of the decisions in whole episodes, `epochs` times over: of none, nothing."""
        seen = episode_segments(rollout, self.config.gamma)
        self.extra_metrics = {WHOLE: float(seen.whole.sum())}
        if not seen.whole.any():
            return
        advantages = group_advantages(seen, spread=self.config.scale_rewards)
        if self.config.per_episode:  # the clipped objective scales with its advantage, which can carry the weight
            advantages = advantages * seen.lengths[seen.whole].float().mean() / seen.lengths
        batch = to_batch(rollout, advantages[seen.of], seen.whole[seen.of])
        for _ in range(self.config.n_epochs):
            yield from batch.shuffled(self.config.batch_size, generator)

    def loss(self, act: Act, batch: Batch) -> Loss:
        """Clipped surrogate, plus the divergence from the reference policy, minus entropy."""
        clip = self.config.clip_range
        actions, _ = act(batch.observations)
        log_probs = actions.log_prob(batch.actions)
        log_ratio = log_probs - batch.log_probs
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip, 1 + clip)
        surrogate = -torch.min(ratio * batch.advantages, clipped * batch.advantages).mean()
        apart = log_probs - self._referred(batch)
        divergence = (torch.expm1(-apart) + apart).mean()  # equation 4: unbiased, and never below 0
        entropy = actions.entropy().mean()
        total = surrogate + self.config.kl_coef * divergence - self.ent_coef * entropy
        with torch.no_grad():
            terms = {
                "policy": surrogate.detach(),
                "entropy": entropy.detach(),
                "kl": divergence.detach(),
                "clip_fraction": ((ratio - 1).abs() > clip).float().mean(),
            }
        return Loss(total, terms)

    def state(self) -> State:
        """Return the reference policy's weights, and how long they have served."""
        return {"reference": dict(self._reference), "age": self._age}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._reference, self._age = dict(state["reference"]), state["age"]

    def _referred(self, batch: Batch) -> Tensor:
        """Return how likely the reference policy finds each action, as a logarithm."""
        if self._policy is None or not self._reference:
            return batch.log_probs
        found: Tensor = decide_with(self._policy, self._reference, batch.observations).log_prob(batch.actions)
        return found


def group_advantages(seen: EpisodeSegments, *, spread: bool) -> Tensor:
    """Return (S,) how much better each episode went than its group's mean, in deviations of the group if `spread`.

    A stretch that is no whole episode belongs to no group: it gets 0.
    """
    advantages = torch.zeros_like(seen.outcomes)
    for number in seen.groups[seen.whole].unique():
        group = (seen.groups == number) & seen.whole
        outcomes = seen.outcomes[group]
        apart = deviations(outcomes)
        advantages[group] = normalised(apart, outcomes) if spread else apart
    return advantages
