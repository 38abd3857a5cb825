"""The same agent in stable-baselines3: same transformer, environments and settings of PPO or A2C."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import DummyVecEnv
from torch import Tensor

from agents.benchmarks.reference.our_agent import STANDARD
from agents.config.agent import ModelConfig
from agents.config.algorithms import A2CConfig, PPOConfig
from agents.config.learning import LearningConfig
from agents.language import Prompts
from agents.language.reference_transformer import read_plainly
from agents.language.tokenizer import Tokenizer
from agents.language.transformer import Transformer
from envs import World

Numbers = NDArray[np.int64]


class TokenWorld(gym.Env[Numbers, int]):
    """A world whose observations are padded rows of token ids, followed by the length of the sentence."""

    def __init__(self, world: World, tokenizer: Tokenizer, longest: int) -> None:
        self._world, self._tokenizer, self._longest = world, tokenizer, longest
        self.observation_space = spaces.Box(0, 2**20, (longest + 1,), np.int64)
        self.action_space = spaces.Discrete(len(world.actions))  # type: ignore[assignment]  # counts in int64

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Numbers, dict[str, Any]]:
        """Begin an episode; return its first observation as a row of T tokens and their number, (T + 1,)."""
        text, info = self._world.reset(seed=seed, options=options)
        return self._encode(text), info

    def step(self, action: int) -> tuple[Numbers, float, bool, bool, dict[str, Any]]:
        """Execute an action; the observation is a row of T tokens and their number, (T + 1,)."""
        text, reward, terminated, truncated, info = self._world.step(action)
        return self._encode(text), float(reward), terminated, truncated, info

    def _encode(self, text: str) -> Numbers:
        tokens = self._tokenizer.encode(text)
        row = np.zeros(self._longest + 1, dtype=np.int64)
        row[: len(tokens)] = tokens
        row[-1] = len(tokens)
        return row


class Extractor(BaseFeaturesExtractor):
    """Our transformer's hidden state at the last token, computed without optimisations."""

    def __init__(self, observation_space: spaces.Box, config: ModelConfig, words: Sequence[str], seed: int) -> None:
        super().__init__(observation_space, config.width)
        self.model = Transformer(config, torch.Generator().manual_seed(seed), words)

    def forward(self, observations: Tensor) -> Tensor:
        """Return hidden states (B, D) from rows (B, T + 1) of T tokens and a length."""
        rows = observations.long()
        return read_plainly(self.model, Prompts(rows[:, :-1], rows[:, -1]))


def create_sb3_agent(
    worlds: Sequence[World],
    longest: int,
    seed: int,
    algorithm: PPOConfig | A2CConfig | None = None,
    learning: LearningConfig = STANDARD,
) -> OnPolicyAlgorithm:
    """Return stable-baselines3's PPO or A2C on `worlds`, with the settings of our config (default: PPO)."""
    tokenizer = Tokenizer([*worlds[0].words, *worlds[0].actions])
    policy_kwargs = {
        "net_arch": [],
        "features_extractor_class": Extractor,
        "features_extractor_kwargs": {"config": ModelConfig(), "words": tokenizer.words, "seed": seed},
    }
    homes = DummyVecEnv([partial(TokenWorld, world, tokenizer, longest) for world in worlds])
    chosen = algorithm or PPOConfig()
    shared = {**_shared_settings(chosen, learning), "policy_kwargs": policy_kwargs, "seed": seed, "device": "cpu"}
    match chosen:
        case PPOConfig():
            size = min(chosen.batch_size, learning.n_steps * len(worlds))
            return PPO(
                "MlpPolicy", homes, n_epochs=chosen.n_epochs, clip_range=chosen.clip_range, batch_size=size, **shared
            )
        case A2CConfig():  # with Adam, as our A2C
            return A2C("MlpPolicy", homes, use_rms_prop=False, normalize_advantage=chosen.normalize_advantage, **shared)


def _shared_settings(algorithm: PPOConfig | A2CConfig, learning: LearningConfig) -> dict[str, Any]:
    """Return the keyword arguments that PPO and A2C have in common."""
    return {
        "learning_rate": learning.learning_rate,
        "n_steps": learning.n_steps,
        "gamma": algorithm.gamma,
        "gae_lambda": algorithm.gae_lambda,
        "ent_coef": algorithm.ent_coef,
        "vf_coef": algorithm.vf_coef,
        "max_grad_norm": learning.max_grad_norm,
    }
