"""Group-relative policy optimisation (Shao et al., 2024): advantages relative to other episodes of the same task.

Shapes: T steps, N environments, S episode segments, B decisions.
"""

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

WHOLE_EPISODES = "whole_episodes"
"""Metric: number of complete episodes in the rollout."""


class GRPO(Algorithm):
    """Clipped policy gradient whose advantage is an episode's return minus the mean of its group. No value is learned.

    A group is the complete episodes of one task in the rollout or, where initial states are known, those of them
    with the same one. Incomplete episodes are left out, for their return is unknown.
    """

    config: GRPOConfig

    def __init__(self, config: GRPOConfig) -> None:
        self.config = config
        self.ent_coef = config.ent_coef
        self._reference: dict[str, Tensor] = {}
        """Weights of the reference policy, by name; empty: the reference is the policy that collected the rollout."""
        self._age = 0
        """Updates since the reference was last synchronised."""
        self._policy: Policy | None = None
        """The learning policy, whose architecture the reference shares."""

    def begin_stage(self, policy: Policy) -> None:
        """Drop the reference policy; the first update makes a new one."""
        self._reference, self._age = {}, 0

    def begin_update(self, policy: Policy) -> None:
        """Synchronise the reference with `policy`, every `ref_model_sync_steps` updates."""
        self._policy, interval = policy, self.config.ref_model_sync_steps
        if interval == 1:
            self._reference = {}
        elif not self._reference or self._age == interval:
            self._reference, self._age = weights_of(policy), 0
        self._age += 1

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield the minibatches of `n_epochs` passes over the decisions in complete episodes."""
        segments = episode_segments(rollout, self.config.gamma)
        self.extra_metrics = {WHOLE_EPISODES: float(segments.whole.sum())}
        if not segments.whole.any():
            return
        advantages = group_advantages(segments, spread=self.config.scale_rewards)  # (S,)
        # 1 / length weights episodes equally; the clipped objective is linear in the advantage, so it can carry that
        if self.config.per_episode:
            advantages = advantages * segments.lengths[segments.whole].float().mean() / segments.lengths
        batch = to_batch(rollout, advantages[segments.of], segments.whole[segments.of])
        for _ in range(self.config.n_epochs):
            yield from batch.shuffled(self.config.batch_size, generator)

    def loss(self, act: Act, batch: Batch) -> Loss:
        """Return the clipped surrogate, plus the KL divergence from the reference, minus the entropy (equation 3)."""
        clip = self.config.clip_range
        actions, _ = act(batch.observations)
        log_probs = actions.log_prob(batch.actions)  # (B,)
        log_ratio = log_probs - batch.log_probs
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip, 1 + clip)
        surrogate = -torch.min(ratio * batch.advantages, clipped * batch.advantages).mean()
        log_ratio_to_reference = log_probs - self._reference_log_probs(batch)
        # equation 4: an unbiased estimate of the KL divergence that is never below 0
        divergence = (torch.expm1(-log_ratio_to_reference) + log_ratio_to_reference).mean()
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
        """Return the reference policy's weights and age."""
        return {"reference": dict(self._reference), "age": self._age}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._reference, self._age = dict(state["reference"]), state["age"]

    def _reference_log_probs(self, batch: Batch) -> Tensor:
        """Return the reference policy's log-probability of each action, (B,)."""
        if self._policy is None or not self._reference:
            return batch.log_probs
        log_probs: Tensor = decide_with(self._policy, self._reference, batch.observations).log_prob(batch.actions)
        return log_probs


def group_advantages(segments: EpisodeSegments, *, spread: bool) -> Tensor:
    """Return each episode's return minus its group's mean, (S,), in standard deviations of the group if `spread`.

    Incomplete episodes get 0.
    """
    advantages = torch.zeros_like(segments.outcomes)
    for group_id in segments.groups[segments.whole].unique():
        members = (segments.groups == group_id) & segments.whole
        outcomes = segments.outcomes[members]
        centred = deviations(outcomes)
        advantages[members] = normalised(centred, outcomes) if spread else centred
    return advantages
