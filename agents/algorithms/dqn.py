"""Deep Q-network (Mnih et al., 2015) on any policy, read as a dueling network (Wang et al., 2016)."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import torch
from torch import Tensor

from agents.algorithms import Algorithm, Loss
from agents.algorithms.td_targets import huber, td_errors, td_targets
from agents.config.algorithms import DQNConfig
from agents.policies import Act, Observations, Policy
from agents.policies.epsilon_greedy import EpsilonGreedy, allowed_actions
from agents.replay.transitions import TransitionBuffer, Transitions
from agents.rollout import Rollout
from agents.state_tree import State


class DQN(Algorithm):
    """Learn what each action is worth from steps that are kept and drawn again: Q = V + τ (logit - mean logit).

    The policy, the softmax of its logits, is therefore that of Q / τ: it can be watched,
    scored, rehearsed and explained like any other. While it learns it takes the best
    action, or now and then any. Each stage begins with an empty buffer: what was lived in
    earlier tasks comes back only if a strategy brings it. What is kept, and how it is
    drawn, changes with the next stage; all other settings at once.
    """

    config: DQNConfig

    def __init__(self, config: DQNConfig) -> None:
        self.config = config
        self._lived = self._taken = 0
        self._policy: Policy | None = None
        self._target: Policy | None = None
        self._experience: TransitionBuffer | None = None

    def begin_stage(self, policy: Policy) -> None:
        """Start anew: with an empty buffer, at random, and with a target network copied when it is first needed."""
        self._policy, self._target, self._experience = policy, None, None
        self._lived = self._taken = 0
        self.progress = 0.0

    def behaviour(self, policy: Policy) -> Policy:
        """Try any action until there is something to learn from, then ever more seldom."""
        return EpsilonGreedy(policy, self.epsilon)

    @property
    def epsilon(self) -> float:
        """How often an action is tried at random now."""
        config = self.config
        if self._lived < config.learning_starts:
            return 1.0
        return config.exploration_initial_eps + min(self.progress / config.exploration_fraction, 1.0) * (
            config.exploration_final_eps - config.exploration_initial_eps
        )

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Transitions]:
        """Keep every step of the rollout, then draw as many minibatches as its length affords."""
        policy = self._learning()
        if self._experience is None:
            seed = int(torch.randint(2**31, (1,), generator=generator))
            self._experience = TransitionBuffer(self.config, seed, rollout.actions.device)
        kept = self._experience
        kept.write(rollout, policy.encode(rollout.led_to, rollout.observations.task_ids.tolist()))
        before, self._lived = self._lived, self._lived + rollout.actions.numel()
        if self._target is not None and _shapes(self._target) != _shapes(policy):
            self._target = None  # it has not met the words that the policy has learned since
        if self._lived < self.config.learning_starts:
            return
        times = self._lived // self.config.train_freq - before // self.config.train_freq
        beta = self.config.beta + self.progress * (1 - self.config.beta)
        for _ in range(times * self.config.gradient_steps):
            yield kept.draw(self.config.batch_size, beta)
            self._taken += 1
            if self._taken % self.config.target_update_interval == 0:
                self._target = None

    def loss(self, act: Act, batch: Transitions) -> Loss:
        """The Huber error of the values, with what follows chosen by one network and judged by the other."""
        with torch.no_grad():
            judged, _ = self.worth(self._judge(), batch.next_observations)
            following = self.worth(act, batch.next_observations)[0] if self.config.double else judged
            goals = td_targets(following, judged, batch)
        values, entropy = self.worth(act, batch.observations)
        td_error = td_errors(values, goals, batch.actions)
        if self._experience is not None:
            self._experience.learned(batch.places, td_error)
        error = huber(td_error, batch.weights)
        size = td_error.detach().abs().mean()
        return Loss(error, {"value": error.detach(), "td_error": size, "entropy": entropy.detach()})

    def worth(self, act: Act, observations: Observations) -> tuple[Tensor, Tensor]:
        """Return Q (B, A), the least number for what is not offered (equation 9), and the mean entropy of its softmax.

        The advantages are the logits, times the temperature.
        """
        distribution, values = act(observations)
        logits, offered = distribution.logits, allowed_actions(distribution)
        mean = torch.where(offered, logits, 0.0).sum(1) / offered.sum(1)
        worth = values[:, None] + self.config.temperature * (logits - mean[:, None])
        return worth.masked_fill(~offered, torch.finfo(worth.dtype).min), distribution.entropy().mean()

    def state(self) -> State:
        """Return the buffer, the target network, and how far the schedules have come."""
        target = {} if self._target is None else self._target.state_dict()
        return {
            "lived": self._lived,
            "taken": self._taken,
            "progress": self.progress,
            "target": {name: weight.clone() for name, weight in target.items()},
            "experience": None if self._experience is None else self._experience.state(),
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken, with the policy that `begin_stage` named."""
        policy = self._learning()
        self._lived, self._taken, self.progress = state["lived"], state["taken"], state["progress"]
        if state["experience"] is not None:
            self._experience = TransitionBuffer(self.config, 0, next(policy.parameters()).device)
            self._experience.restore(state["experience"])
        weights = state["target"]
        if {name: weight.shape for name, weight in weights.items()} == _shapes(policy):
            self._judge().load_state_dict(weights)

    def _learning(self) -> Policy:
        if self._policy is None:
            raise RuntimeError("no stage has begun; call begin_stage(policy) first")
        return self._policy

    def _judge(self) -> Policy:
        """Return the target network; where there is none, the policy as it is now."""
        if self._target is None:
            self._target = deepcopy(self._learning()).requires_grad_(False)
        return self._target


def _shapes(policy: Policy) -> dict[str, torch.Size]:
    return {name: weight.shape for name, weight in policy.state_dict().items()}
