"""An agent on a device: it collects, updates, or only runs the model's forward and backward pass."""

from __future__ import annotations

import torch

from agents.benchmarks.reference.our_agent import STANDARD, OurAgent
from agents.config.agent import ModelConfig, PretrainedConfig
from agents.config.learning import LearningConfig
from agents.language import Prompts
from agents.policies.language import LanguagePolicy
from envs.task import Task

TASK = "household/go-to"
SENTENCES = 256


class DeviceAgent(OurAgent):
    """An untrained agent on `device`, always with the same weights."""

    def __init__(
        self,
        model: ModelConfig | PretrainedConfig,
        worlds: int,
        device: torch.device,
        learning: LearningConfig = STANDARD,
    ) -> None:
        homes = [Task(key=TASK, options={"objects": 3}).make() for _ in range(worlds)]
        policy = LanguagePolicy.create(model, torch.Generator().manual_seed(0)).to(device)
        super().__init__(policy, homes, learning=learning)
        self.device, self.worlds = device, worlds
        texts = [homes[0].reset(seed=seed)[0] for seed in range(SENTENCES)]
        self.sentences: Prompts = policy.model.encode(texts)
        self.tokens = int(self.sentences.lengths.sum())

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of most of the weights."""
        sizes: dict[torch.dtype, int] = {}
        for weight in (*self.policy.parameters(), *self.policy.buffers()):
            sizes[weight.dtype] = sizes.get(weight.dtype, 0) + weight.numel()
        return max(sizes, key=lambda dtype: sizes[dtype])

    @torch.no_grad()
    def read(self) -> None:
        """Run the forward pass over every sentence, without sharing equal beginnings."""
        self.policy.model.share = False
        self.policy.model.read(self.sentences)
        self.policy.model.share = True

    def descend(self) -> None:
        """Run the forward and the backward pass over every sentence, likewise."""
        self.policy.model.share = False
        self.policy.model.read(self.sentences).float().square().mean().backward()
        self.policy.model.share = True
        self.policy.zero_grad()
