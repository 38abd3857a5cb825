"""Our agent in a household, reduced to collecting rollouts and updating: no curriculum, memory or window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
"""Steps of a stage that is longer than any measurement."""
STANDARD = LearningConfig()
"""The default learning config of a run."""


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
    """A policy that acts in several worlds of one task and learns from the rollouts; its seeds are fixed."""

    def __init__(
        self,
        policy: LanguagePolicy,
        worlds: Sequence[World],
        algorithm: AlgorithmConfig | None = None,
        learning: LearningConfig = STANDARD,
    ) -> None:
        policy.add_task(0, worlds[0].actions, worlds[0].words)
        self.policy = policy
        self._rng, shuffle = (torch.Generator().manual_seed(seed) for seed in (1, 2))
        self.learner = naive_learner(policy, algorithm or PPOConfig(), learning, shuffle)
        self._steps = learning.n_steps
        self._collector = Collector(worlds, 0, 0, reuse=not isinstance(policy, RepeatingPolicy))

    def collect(self) -> Rollout:
        """Collect one rollout."""
        return drain(self._collector.collect(self.policy, self._steps, self._rng))

    def collect_and_learn(self) -> Rollout:
        """Collect one rollout and take all gradient steps on it."""
        rollout = self.collect()
        drain(self.learner.learn(rollout, 0))
        return rollout


def create_agent(
    setting: AgentSetting,
    worlds: int,
    kind: type[LanguagePolicy] = LanguagePolicy,
    model: type[Transformer] = Transformer,
    algorithm: AlgorithmConfig | None = None,
    learning: LearningConfig = STANDARD,
) -> OurAgent:
    """Return an untrained agent with the built-in model, always with the same weights."""
    generator = torch.Generator().manual_seed(0)
    policy = kind(model(ModelConfig(), generator), generator)
    return OurAgent(policy, [setting.make() for _ in range(worlds)], algorithm, learning)
