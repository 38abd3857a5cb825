import numpy as np
import pytest
import torch

from agents.config import EpisodicConfig, ModelConfig
from agents.language.transformer import Transformer
from agents.memory.episodic import EpisodicMemory
from agents.policies.language import LanguagePolicy
from agents.rollout import Rollout

WORDS = ("house", "apple", "left", "right", "north", "south")


@pytest.fixture
def policy():
    """A small agent that has met two tasks."""
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, heads=2, layers=1), generator), generator)
    policy.meet(0, ("north", "south"), WORDS)
    policy.meet(1, ("left", "right"), WORDS)
    return policy


@pytest.fixture
def memory():
    """A memory that keeps nothing."""
    return EpisodicMemory(EpisodicConfig(capacity=0), np.random.default_rng(0))


@pytest.fixture
def chance():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def move():
    """Move every weight a little at random."""

    def moved(policy, by, seed=1):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for weight in policy.parameters():
                weight += by * torch.randn(weight.shape, generator=generator)

    return moved


@pytest.fixture
def lived():
    """Return a rollout of one world, a step for each sentence."""

    def rollout(policy, texts, column=0):
        zeros = torch.zeros(len(texts), 1)
        return Rollout(
            policy.encode(texts, [column] * len(texts)),
            zeros.long(),
            zeros,
            zeros,
            zeros,
            zeros,
            zeros,
            zeros,
            zeros[0],
        )

    return rollout
