"""Our learners on CartPole: policy gradients through the learner of every run, and DQN."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from torch import nn

from agents.benchmarks.reference.cartpole_evaluation import EVERY, LONGEST, WORLD, Decide, Look, look
from agents.benchmarks.reference.vector_dqn import DQN, AloneDQNConfig
from agents.collect.collector import Collector, VectorStep
from agents.config.algorithms import AlgorithmConfig, PPOConfig, ReinforceConfig
from agents.config.learning import EpisodicConfig, LearningConfig
from agents.config.strategies import NaiveConfig
from agents.continual import ContinualStrategy
from agents.memory.episodic import EpisodicMemory
from agents.policies.mlp import MLPPolicy, mlp
from agents.registry import build
from agents.rollout import Rollout
from agents.runtime.iteration import Iteration, drain
from agents.update.gradient_learner import Learner
from envs.gym_worlds.numeric import Numeric
from envs.options import GymOptions

PPO = PPOConfig(gamma=0.98, gae_lambda=0.8, epochs=20, minibatch=256, entropy_weight=0.0)
PPO_LEARNING = LearningConfig(worlds=8, rollout=32, rate=1e-3, final_rate=1e-5, final_entropy=0.0)
"""As rl-baselines3-zoo tunes PPO for CartPole, but that the clip stays as it is."""
REINFORCE = ReinforceConfig(gamma=0.99, minibatch=256, entropy_weight=0.01)
REINFORCE_LEARNING = LearningConfig(worlds=4, rollout=128, rate=3e-3, final_rate=1e-4, final_entropy=0.0)
VALUES = AloneDQNConfig(
    rate=2.3e-3, capacity=100_000, every=256, updates=128, refresh=128, decay=0.16, final_epsilon=0.04
)
"""As rl-baselines3-zoo tunes DQN for CartPole, made double."""


def by_policy(algorithm: AlgorithmConfig, learning: LearningConfig, steps: int, seed: int) -> Iterator[Look]:
    """Learn for `steps` steps with a plain network in place of the language model; tell each look."""
    birth, chance, shuffle = (torch.Generator().manual_seed(3 * seed + part) for part in range(3))
    worlds = [Numeric(GymOptions(limit=LONGEST), gym_id=WORLD) for _ in range(learning.worlds)]
    policy = MLPPolicy(worlds[0].width, len(worlds[0].actions), birth)
    policy.meet(0, worlds[0].actions, ())
    memory = EpisodicMemory(EpisodicConfig(capacity=0), np.random.default_rng(0))
    naive = ContinualStrategy(NaiveConfig(), memory, shuffle)
    learner = Learner(policy, build(algorithm), naive, learning, shuffle)
    learner.begin_stage(steps)
    collector = Collector(worlds, 0, seed, reuse=False)
    done = episodes = 0
    while done + learning.worlds * learning.rollout <= steps:
        ended, rollout = _lived(collector.collect(policy, learning.rollout, chance))
        before, done, episodes = done, done + rollout.rewards.numel(), episodes + ended
        drain(learner.learn(rollout, done))
        if done // EVERY > before // EVERY:
            yield Look(done, episodes, look(_favourite(policy.choice)))


def by_value(config: AloneDQNConfig, steps: int, seed: int) -> Iterator[Look]:
    """Learn what actions are worth for `steps` steps; tell each look."""
    world = gym.make(WORLD, disable_env_checker=True)
    network = mlp((4, 256, 256, 2), nn.ReLU, torch.Generator().manual_seed(seed))
    learner = DQN(network, 4, 2, config, seed)
    seen, episodes = world.reset(seed=seed)[0], 0
    for done in range(1, steps + 1):
        learner.progress = done / steps
        action = learner.act(seen)
        after, reward, terminated, truncated, _ = world.step(action)
        over = terminated or truncated
        learner.live((seen, action, float(reward)), after, terminated=terminated, over=over)
        episodes += over
        seen = world.reset()[0] if over else after
        if done % EVERY == 0:
            yield Look(done, episodes, look(_favourite(network)))


def _favourite(network: nn.Module) -> Decide:
    def decide(seen: Any) -> Any:
        with torch.inference_mode():
            return network(torch.from_numpy(seen)).argmax(1).numpy()

    return decide


def _lived(life: Generator[VectorStep, None, Rollout]) -> tuple[int, Rollout]:
    """Return how many episodes ended in a rollout, and the rollout."""
    steps = Iteration(life)
    ended = sum(len(step.episodes) for step in steps)
    return ended, steps.result
