"""An agent on a device as in a run: it collects, updates, or only runs the forward pass."""

from __future__ import annotations

import torch

from agents.benchmarks.reference.our_agent import naive_learner
from agents.collect.collector import Collector
from agents.config.agent import ModelConfig, PretrainedConfig
from agents.config.algorithms import PPOConfig
from agents.config.learning import LearningConfig
from agents.language import Prompts
from agents.policies.language import LanguagePolicy
from agents.rollout import Rollout
from agents.runtime.iteration import drain
from envs.task import Task

TASK = "household/go-to"
SENTENCES = 256
_LEARNING = LearningConfig()


class DeviceAgent:
    """A new agent on `device`, always from the same seed, and its worlds."""

    def __init__(
        self,
        model: ModelConfig | PretrainedConfig,
        worlds: int,
        device: torch.device,
        learning: LearningConfig = _LEARNING,
    ) -> None:
        homes = [Task(key=TASK, options={"objects": 3}).make() for _ in range(worlds)]
        self.policy = LanguagePolicy.create(model, torch.Generator().manual_seed(0)).to(device)
        self.policy.add_task(0, homes[0].actions, homes[0].words)
        self.device, self.worlds = device, worlds
        self._rng, shuffle = (torch.Generator().manual_seed(seed) for seed in (1, 2))
        self._learner = naive_learner(self.policy, PPOConfig(), learning, shuffle)
        self._rollout = learning.n_steps
        self._collector = Collector(homes, 0, 0)
        texts = [home.reset(seed=seed)[0] for seed in range(SENTENCES) for home in homes[:1]]
        self.sentences: Prompts = self.policy.model.encode(texts)
        self.tokens = int(self.sentences.lengths.sum())

    @property
    def dtype(self) -> torch.dtype:
        """What most of its numbers are kept as."""
        sizes: dict[torch.dtype, int] = {}
        for weight in (*self.policy.parameters(), *self.policy.buffers()):
            sizes[weight.dtype] = sizes.get(weight.dtype, 0) + weight.numel()
        return max(sizes, key=lambda dtype: sizes[dtype])

    def collect(self) -> Rollout:
        """Gather one rollout."""
        return drain(self._collector.collect(self.policy, self._rollout, self._rng))

    def collect_and_learn(self) -> None:
        """Gather one rollout, and take every gradient step that it affords."""
        drain(self._learner.learn(self.collect(), 0))

    @torch.no_grad()
    def read(self) -> None:
        """Read every sentence to its end, each as if no other began like it."""
        self.policy.model.share = False
        self.policy.model.read(self.sentences)
        self.policy.model.share = True

    def descend(self) -> None:
        """Read every sentence, and find the slope of what was read."""
        self.policy.model.share = False
        self.policy.model.read(self.sentences).float().square().mean().backward()
        self.policy.model.share = True
        self.policy.zero_grad()
