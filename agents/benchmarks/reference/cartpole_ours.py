"""Our algorithms on CartPole with plain networks, through the learner of every run."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from agents.benchmarks.reference.action_values import ActionValuePolicy
from agents.benchmarks.reference.cartpole_evaluation import EVERY, LONGEST, WORLD, CartPoleScore, Decide, score_cartpole
from agents.benchmarks.reference.our_agent import naive_learner
from agents.collect.collector import Collector, VectorStep
from agents.config.algorithms import AlgorithmConfig, DQNConfig, PPOConfig, ReinforceConfig
from agents.config.learning import LearningConfig
from agents.policies import Policy
from agents.policies.mlp import MLPPolicy, as_observations
from agents.rollout import Rollout
from agents.runtime.iteration import Iteration, drain
from envs.gym_worlds.numeric import Numeric
from envs.options import GymOptions


@dataclass(frozen=True, slots=True)
class CartPoleSetting:
    """An algorithm, how it learns, and with which network."""

    algorithm: AlgorithmConfig
    learning: LearningConfig
    make: Callable[[int, int, torch.Generator], Policy] = MLPPolicy
    """From the numbers of an observation, the actions and a generator to an untrained policy."""


PPO = CartPoleSetting(
    PPOConfig(gamma=0.98, gae_lambda=0.8, n_epochs=20, batch_size=256, ent_coef=0.0),
    LearningConfig(n_envs=8, n_steps=32, learning_rate=1e-3, final_learning_rate=1e-5, final_ent_coef=0.0),
)
"""As rl-baselines3-zoo tunes PPO for CartPole, but that the clip stays as it is."""
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
    lambda inputs, actions, birth: ActionValuePolicy((inputs, 256, 256, actions), _DQN.temperature, birth),
)
"""As rl-baselines3-zoo tunes DQN for CartPole, made double."""


def learning(setting: CartPoleSetting, steps: int, seed: int) -> Iterator[CartPoleScore]:
    """Learn for `steps` steps with a plain network in place of the language model; yield each look."""
    birth, rng, shuffle = (torch.Generator().manual_seed(3 * seed + part) for part in range(3))
    settings = setting.learning
    worlds = [Numeric(GymOptions(max_episode_steps=LONGEST), gym_id=WORLD) for _ in range(settings.n_envs)]
    policy = setting.make(worlds[0].width, len(worlds[0].actions), birth)
    policy.add_task(0, worlds[0].actions, ())
    learner = naive_learner(policy, setting.algorithm, settings, shuffle, steps)
    collector = Collector(worlds, 0, seed, reuse=False)
    done = episodes = 0
    while done + settings.n_envs * settings.n_steps <= steps:
        ended, rollout = _collected(collector.collect(learner.behaviour(), settings.n_steps, rng))
        before, done, episodes = done, done + rollout.rewards.numel(), episodes + ended
        drain(learner.learn(rollout, done))
        if done // EVERY > before // EVERY:
            yield CartPoleScore(done, episodes, score_cartpole(_greedy(policy)))


def _greedy(policy: Policy) -> Decide:
    def decide(seen: Any) -> Any:
        with torch.inference_mode():
            choice, _ = policy(as_observations(torch.from_numpy(seen), [0] * len(seen)))
            return choice.logits.argmax(1).numpy()

    return decide


def _collected(collecting: Generator[VectorStep, None, Rollout]) -> tuple[int, Rollout]:
    """Return how many episodes ended in a rollout, and the rollout."""
    steps = Iteration(collecting)
    ended = sum(len(step.episodes) for step in steps)
    return ended, steps.result
