"""Our agent in a household, without curriculum, memory or window: it only collects and updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from agents.benchmarks.reference.plain_agent import RepeatingPolicy
from agents.benchmarks.reference.terse_household import TerseHousehold
from agents.collect.collector import Collector
from agents.config.agent import ModelConfig
from agents.config.algorithms import AlgorithmConfig, PPOConfig
from agents.config.learning import EpisodicConfig, LearningConfig
from agents.config.strategies import NaiveConfig
from agents.continual import ContinualStrategy
from agents.language.transformer import Transformer
from agents.memory.episodic import EpisodicMemory
from agents.policies import Policy
from agents.policies.language import LanguagePolicy
from agents.registry import build
from agents.rollout import Rollout
from agents.runtime.iteration import drain
from agents.update.gradient_learner import Learner
from envs import World
from envs.task import Task

LONG = 1_000_000
"""Steps of a stage that no measurement comes to the end of."""
STANDARD = LearningConfig()
"""As every run learns unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class AgentSetting:
    """A household to measure in."""

    name: str
    make: Callable[[], World]
    longest: int
    """Tokens of its longest sentence."""


SETTINGS = (
    AgentSetting("24 tokens", lambda: Task(key="household/go-to", options={"objects": 3}).make(), 25),
    AgentSetting("6 tokens", TerseHousehold, 7),
)


def naive_learner(
    policy: Policy,
    algorithm: AlgorithmConfig,
    learning: LearningConfig,
    shuffle: torch.Generator,
    steps: int = LONG,
) -> Learner:
    """Return the learner of a policy without memory or strategy, at the start of a stage of `steps` steps."""
    memory = EpisodicMemory(EpisodicConfig(buffer_size=0), np.random.default_rng(0))
    naive = ContinualStrategy(NaiveConfig(), memory, shuffle)
    learner = Learner(policy, build(algorithm), naive, learning, shuffle)
    learner.begin_stage(steps)
    return learner


class OurAgent:
    """A new agent, always from the same seed, and its worlds."""

    def __init__(
        self,
        setting: AgentSetting,
        worlds: int,
        kind: type[LanguagePolicy] = LanguagePolicy,
        model: type[Transformer] = Transformer,
        algorithm: AlgorithmConfig | None = None,
        learning: LearningConfig = STANDARD,
    ) -> None:
        homes = [setting.make() for _ in range(worlds)]
        birth = torch.Generator().manual_seed(0)
        self.policy = kind(model(ModelConfig(), birth), birth)
        self.policy.add_task(0, homes[0].actions, homes[0].words)
        self._rng, shuffle = (torch.Generator().manual_seed(seed) for seed in (1, 2))
        self.learner = naive_learner(self.policy, algorithm or PPOConfig(), learning, shuffle)
        self._steps = learning.n_steps
        self._collector = Collector(homes, 0, 0, reuse=not issubclass(kind, RepeatingPolicy))

    def collect(self) -> Rollout:
        """Gather one rollout."""
        return drain(self._collector.collect(self.policy, self._steps, self._rng))

    def collect_and_learn(self) -> Rollout:
        """Gather one rollout, and take every gradient step that it affords."""
        rollout = self.collect()
        drain(self.learner.learn(rollout, 0))
        return rollout
