"""stable-baselines3's PPO, A2C and DQN on CartPole, with the settings of rl-baselines3-zoo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import gymnasium as gym
from stable_baselines3 import A2C, DQN, PPO
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import DummyVecEnv

from agents.benchmarks.reference.cartpole_evaluation import EVERY, WORLD, CartPoleScore, score_cartpole


class ScoringCallback(BaseCallback):
    """Evaluates the learner as ours are evaluated."""

    def __init__(self) -> None:
        super().__init__()
        self.scores: list[CartPoleScore] = []
        self._episodes = 0
        self._next = EVERY

    def _on_step(self) -> bool:
        self._episodes += int(self.locals["dones"].sum())
        if self.num_timesteps >= self._next:
            self._next += EVERY
            value = score_cartpole(lambda observations: self.model.predict(observations, deterministic=True)[0])
            self.scores.append(CartPoleScore(self.num_timesteps, self._episodes, value))
        return True


def _ppo(seed: int) -> PPO:
    return PPO(
        "MlpPolicy",
        _worlds(8),
        learning_rate=lambda left: left * 1e-3,
        n_steps=32,
        batch_size=256,
        n_epochs=20,
        gamma=0.98,
        gae_lambda=0.8,
        clip_range=lambda left: left * 0.2,
        seed=seed,
        device="cpu",
    )


def _a2c(seed: int) -> A2C:
    return A2C("MlpPolicy", _worlds(8), seed=seed, device="cpu")


def _dqn(seed: int) -> DQN:
    return DQN(
        "MlpPolicy",
        _worlds(1),
        learning_rate=2.3e-3,
        batch_size=64,
        buffer_size=100_000,
        learning_starts=1_000,
        gamma=0.99,
        target_update_interval=10,
        train_freq=256,
        gradient_steps=128,
        exploration_fraction=0.16,
        exploration_final_eps=0.04,
        policy_kwargs={"net_arch": [256, 256]},
        seed=seed,
        device="cpu",
    )


def _worlds(count: int) -> DummyVecEnv:
    return DummyVecEnv([partial(gym.make, WORLD, disable_env_checker=True) for _ in range(count)])


SB3_AGENTS: Mapping[str, Callable[[int], BaseAlgorithm]] = {"PPO": _ppo, "A2C": _a2c, "DQN": _dqn}


def train_sb3(name: str, steps: int, seed: int) -> list[CartPoleScore]:
    """Train stable-baselines3's algorithm of that name for `steps` steps; return each evaluation."""
    scoring = ScoringCallback()
    SB3_AGENTS[name](seed).learn(steps, callback=scoring)
    return scoring.scores
