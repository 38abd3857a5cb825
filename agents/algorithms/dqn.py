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
    """Q-learning from a replay buffer with a target network: Q = V + τ (logit - mean logit).

    The policy, the softmax of its logits, is therefore that of Q / τ, and can be watched,
    evaluated, rehearsed and explained like any other. The behaviour policy is
    epsilon-greedy. Each stage begins with an empty buffer: experience of earlier tasks is
    replayed only by a strategy. Changed settings of the buffer apply from the next stage,
    all others at once.

    Shapes: B transitions, A actions.
    """

    config: DQNConfig

    def __init__(self, config: DQNConfig) -> None:
        self.config = config
        self._steps = self._updates = 0
        self._policy: Policy | None = None
        self._target: Policy | None = None
        self._buffer: TransitionBuffer | None = None

    def begin_stage(self, policy: Policy) -> None:
        """Reset buffer, exploration and target network; the latter two are created when first needed."""
        self._policy, self._target, self._buffer = policy, None, None
        self._steps = self._updates = 0
        self.progress = 0.0

    def behaviour(self, policy: Policy) -> Policy:
        """Return an epsilon-greedy policy: random before `learning_starts`, then with decaying epsilon."""
        return EpsilonGreedy(policy, self.epsilon)

    @property
    def epsilon(self) -> float:
        """Current probability of a random action."""
        config = self.config
        if self._steps < config.learning_starts:
            return 1.0
        return config.exploration_initial_eps + min(self.progress / config.exploration_fraction, 1.0) * (
            config.exploration_final_eps - config.exploration_initial_eps
        )

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Transitions]:
        """Store the rollout's transitions, then yield `gradient_steps` minibatches per `train_freq` of its steps."""
        policy = self._online()
        if self._buffer is None:
            seed = int(torch.randint(2**31, (1,), generator=generator))
            self._buffer = TransitionBuffer(self.config, seed, rollout.actions.device)
        buffer = self._buffer
        buffer.write(rollout, policy.encode(rollout.next_texts, rollout.observations.task_ids.tolist()))
        before, self._steps = self._steps, self._steps + rollout.actions.numel()
        if self._target is not None and _shapes(self._target) != _shapes(policy):
            self._target = None  # the policy has learned new words, and its embedding has grown
        if self._steps < self.config.learning_starts:
            return
        times = self._steps // self.config.train_freq - before // self.config.train_freq
        beta = self.config.beta + self.progress * (1 - self.config.beta)
        for _ in range(times * self.config.gradient_steps):
            yield buffer.sample(self.config.batch_size, beta)
            self._updates += 1
            if self._updates % self.config.target_update_interval == 0:
                self._target = None

    def loss(self, act: Act, batch: Transitions) -> Loss:
        """Return the Huber loss of the TD errors, and update the priorities of the replayed transitions."""
        with torch.no_grad():
            # double DQN: the online network selects the next action, the target network evaluates it; all (B, A)
            target_next, _ = self.q_values(self._target_network(), batch.next_observations)
            online_next = self.q_values(act, batch.next_observations)[0] if self.config.double else target_next
            targets = td_targets(online_next, target_next, batch)
        q_values, entropy = self.q_values(act, batch.observations)
        td_error = td_errors(q_values, targets, batch.actions)  # (B,)
        if self._buffer is not None:
            self._buffer.update_priorities(batch.rows, td_error)
        loss = huber(td_error, batch.weights)
        mean_error = td_error.detach().abs().mean()
        return Loss(loss, {"value": loss.detach(), "td_error": mean_error, "entropy": entropy.detach()})

    def q_values(self, act: Act, observations: Observations) -> tuple[Tensor, Tensor]:
        """Return the Q-values (B, A) by Wang et al. (2016), equation 9, and the policy's mean entropy, a scalar.

        The advantage stream is the logits times the temperature. Masked actions get the dtype's minimum.
        """
        distribution, values = act(observations)  # logits (B, A), values (B,)
        logits, allowed = distribution.logits, allowed_actions(distribution)
        mean = torch.where(allowed, logits, 0.0).sum(1) / allowed.sum(1)  # (B,)
        q_values = values[:, None] + self.config.temperature * (logits - mean[:, None])
        return q_values.masked_fill(~allowed, torch.finfo(q_values.dtype).min), distribution.entropy().mean()

    def state(self) -> State:
        """Return the buffer, the target network and the positions of the schedules."""
        target = {} if self._target is None else self._target.state_dict()
        return {
            "steps": self._steps,
            "updates": self._updates,
            "progress": self.progress,
            "target": {name: weight.clone() for name, weight in target.items()},
            "experience": None if self._buffer is None else self._buffer.state(),
        }

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned, with the policy that was given to `begin_stage`."""
        policy = self._online()
        self._steps, self._updates, self.progress = state["steps"], state["updates"], state["progress"]
        if state["experience"] is not None:
            self._buffer = TransitionBuffer(self.config, 0, next(policy.parameters()).device)
            self._buffer.restore(state["experience"])
        weights = state["target"]
        if {name: weight.shape for name, weight in weights.items()} == _shapes(policy):
            self._target_network().load_state_dict(weights)

    def _online(self) -> Policy:
        """Return the policy that learns, the online network."""
        if self._policy is None:
            raise RuntimeError("no stage has begun; call begin_stage(policy) first")
        return self._policy

    def _target_network(self) -> Policy:
        """Return the target network, or make a copy of the policy the new one."""
        if self._target is None:
            self._target = deepcopy(self._online()).requires_grad_(False)
        return self._target


def _shapes(policy: Policy) -> dict[str, torch.Size]:
    return {name: weight.shape for name, weight in policy.state_dict().items()}
