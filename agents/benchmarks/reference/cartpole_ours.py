"""Our algorithms on CartPole with plain networks, trained by the same learner as every run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from agents.benchmarks.reference.action_values import ActionValuePolicy
from agents.benchmarks.reference.cartpole_evaluation import EVERY, LONGEST, WORLD, CartPoleScore, Decide, score_cartpole
from agents.benchmarks.reference.our_agent import naive_learner
from agents.collect.collector import Collector
from agents.config.algorithms import AlgorithmConfig, DQNConfig, PPOConfig, ReinforceConfig
from agents.config.learning import LearningConfig
from agents.policies import Policy
from agents.policies.mlp import MLPPolicy, as_observations
from agents.runtime.iteration import Iteration, drain
from envs.gym_worlds.numeric import Numeric
from envs.options import GymOptions


@dataclass(frozen=True, slots=True)
class CartPoleSetting:
    """The configs of an algorithm, and its network."""

    algorithm: AlgorithmConfig
    learning: LearningConfig
    make_policy: Callable[[int, int, torch.Generator], Policy] = MLPPolicy
    """From the size of an observation, the number of actions and a generator to an untrained policy."""


PPO = CartPoleSetting(
    PPOConfig(gamma=0.98, gae_lambda=0.8, n_epochs=20, batch_size=256, ent_coef=0.0),
    LearningConfig(n_envs=8, n_steps=32, learning_rate=1e-3, final_learning_rate=1e-5, final_ent_coef=0.0),
)
"""The settings of rl-baselines3-zoo for CartPole, but with a constant clip range."""
REINFORCE = CartPoleSetting(
    ReinforceConfig(gamma=0.99, batch_size=256, ent_coef=0.01),
    LearningConfig(n_envs=4, n_steps=128, learning_rate=3e-3, final_learning_rate=1e-4, final_ent_coef=0.0),
)
_DQN = DQNConfig(
    batch_size=64,
    buffer_size=100_000,
    train_freq=256,
    gradient_steps=128,
    target_update_interval=128,
    exploration_fraction=0.16,
    exploration_final_eps=0.04,
    temperature=1.0,
)
DQN = CartPoleSetting(
    _DQN,
    LearningConfig(n_envs=1, n_steps=256, learning_rate=2.3e-3, final_learning_rate=2.3e-3, max_grad_norm=10.0),
    lambda inputs, actions, generator: ActionValuePolicy((inputs, 256, 256, actions), _DQN.temperature, generator),
)
"""The settings of rl-baselines3-zoo for CartPole, but with double DQN."""


def train(setting: CartPoleSetting, steps: int, seed: int) -> Iterator[CartPoleScore]:
    """Train for `steps` steps with a plain network in place of the language model; yield each evaluation."""
    weights_rng, action_rng, shuffle = (torch.Generator().manual_seed(3 * seed + part) for part in range(3))
    learning = setting.learning
    worlds = [Numeric(GymOptions(max_episode_steps=LONGEST), gym_id=WORLD) for _ in range(learning.n_envs)]
    policy = setting.make_policy(worlds[0].width, len(worlds[0].actions), weights_rng)
    policy.add_task(0, worlds[0].actions, ())
    learner = naive_learner(policy, setting.algorithm, learning, shuffle, steps)
    collector = Collector(worlds, 0, seed, reuse=False)
    done = episodes = 0
    while done + learning.n_envs * learning.n_steps <= steps:
        collecting = Iteration(collector.collect(learner.behaviour(), learning.n_steps, action_rng))
        episodes += sum(len(step.episodes) for step in collecting)
        rollout = collecting.result
        before, done = done, done + rollout.rewards.numel()
        drain(learner.learn(rollout, done))
        if done // EVERY > before // EVERY:
            yield CartPoleScore(done, episodes, score_cartpole(_greedy(policy)))


def _greedy(policy: Policy) -> Decide:
    def decide(observations: Any) -> Any:
        with torch.inference_mode():
            distribution, _ = policy(as_observations(torch.from_numpy(observations), [0] * len(observations)))
            return distribution.logits.argmax(1).numpy()

    return decide
