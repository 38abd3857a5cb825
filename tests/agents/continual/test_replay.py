from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from agents.config.agent import ModelConfig
from agents.config.learning import EpisodicConfig
from agents.config.strategies import ReplayConfig
from agents.continual.rehearsal import RehearsalSet
from agents.continual.replay import Priorities, Replay
from agents.events import MemoryEntry
from agents.language.transformer import Transformer
from agents.memory import ConsolidatedTargets
from agents.memory.episodic import EpisodicMemory
from agents.policies.language import LanguagePolicy

TEXTS = ("apple left", "apple right")


@pytest.fixture
def policy():
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, heads=2, layers=1), generator), generator)
    policy.add_task(0, ("north", "south", "east"), ("apple", "left", "right"))
    policy.add_task(1, ("left", "right"), ())
    return policy


@pytest.fixture
def memory():
    memory = EpisodicMemory(EpisodicConfig(buffer_size=2), np.random.default_rng(0))
    memory.choose(0, 2, 1)
    entries = [MemoryEntry(id=-1, task_id=0, text=text, action="north", reward=0.0, step=0) for text in TEXTS]
    memory.write(0, entries, step=0)
    return memory


def strategy(memory, **settings):
    return Replay(ReplayConfig(**{"batch_size": 500, **settings}), memory, torch.Generator().manual_seed(0))


def test_the_first_task_rehearses_nothing(policy, memory):
    replay = strategy(memory)
    replay.begin_task(policy, 0)
    assert replay.penalty(policy) == 0.0


def test_the_penalty_is_the_divergence_from_the_stored_distribution(policy, memory):
    stored = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    memory.store_targets(0, stored, torch.zeros(2))
    replay = strategy(memory)
    replay.begin_task(policy, 1)
    distribution, values = policy(policy.encode(TEXTS, [0, 0]))
    expected = F.kl_div(distribution.logits, stored, reduction="batchmean") + 0.5 * (values**2).mean()
    assert float(replay.penalty(policy).detach()) == pytest.approx(float(expected.detach()), rel=0.05)


def test_the_penalty_is_zero_for_unchanged_decisions(policy, memory):
    with torch.no_grad():
        distribution, values = policy(policy.encode(TEXTS, [0, 0]))
    memory.store_targets(0, distribution.probs, values)
    replay = strategy(memory)
    replay.begin_task(policy, 1)
    assert float(replay.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-6)


def test_erasing_every_memory_of_a_task_ends_its_rehearsal(policy, memory):
    memory.store_targets(0, torch.full((2, 3), 1 / 3), torch.zeros(2))
    replay = strategy(memory)
    replay.begin_task(policy, 1)
    assert isinstance(replay.penalty(policy), torch.Tensor)
    memory.erase([entry.id for entry in memory.entries()], step=9)
    assert replay.penalty(policy) == 0.0


def test_without_the_values_behaviour_alone_is_cloned(policy, memory):
    stored = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    memory.store_targets(0, stored, torch.full((2,), 100.0))
    replay = strategy(memory, vf_coef=0.0)
    replay.begin_task(policy, 1)
    expected = F.kl_div(policy(policy.encode(TEXTS, [0, 0]))[0].logits, stored, reduction="batchmean")
    assert float(replay.penalty(policy).detach()) == pytest.approx(float(expected.detach()), rel=0.05)


@pytest.fixture
def rehearsal_set(policy):
    """Three memories of one task and one of another."""
    consolidated = {}
    for task_id, texts in ((0, ("apple left", "apple right", "left")), (1, ("apple",))):
        entries = tuple(
            MemoryEntry(id=10 * task_id + i, task_id=task_id, text=text, action="left", reward=0.0, step=0)
            for i, text in enumerate(texts)
        )
        consolidated[task_id] = ConsolidatedTargets(
            entries, torch.full((len(texts), 3), 1 / 3), torch.zeros(len(texts))
        )
    return RehearsalSet.from_targets(consolidated, policy)


@pytest.mark.parametrize(("balanced", "share"), [(True, 0.5), (False, 0.25)])
def test_tasks_or_memories_are_rehearsed_equally_often(rehearsal_set, balanced, share):
    rows = rehearsal_set.sample(4_000, torch.Generator().manual_seed(0), balanced=balanced)
    assert float((rows == 3).float().mean()) == pytest.approx(share, abs=0.02)


def test_entries_of_high_divergence_are_drawn_more_often_with_lower_weight(rehearsal_set):
    rng, priorities = torch.Generator().manual_seed(0), Priorities()
    priorities.weights(rehearsal_set, 1.0)
    divergences = torch.tensor([3.0, 1.0, 0.0, 2.0])
    priorities.update(torch.arange(4), divergences)
    rows, corrections = priorities.sample(rehearsal_set, 20_000, 0.5, rng, balanced=True)
    first = rows[:20_000]
    probabilities = (divergences[:3] + 1e-3).sqrt() / (divergences[:3] + 1e-3).sqrt().sum()
    torch.testing.assert_close(first.bincount(minlength=3) / 20_000, probabilities, atol=0.02, rtol=0.0)
    torch.testing.assert_close(corrections[:20_000], 1 / (3 * probabilities[first]), atol=1e-6, rtol=1e-6)


def test_priorities_are_carried_over_to_remaining_entries(rehearsal_set):
    priorities = Priorities()
    priorities.weights(rehearsal_set, 1.0)
    priorities.update(torch.arange(4), torch.tensor([3.0, 1.0, 0.0, 2.0]))
    fewer = replace(rehearsal_set, ids=(2, 10, 99))
    torch.testing.assert_close(priorities.weights(fewer, 1.0), torch.tensor([0.0, 2.0, 3.0]) + 1e-3)
    restored = Priorities()
    restored.restore(priorities.state())
    assert torch.equal(restored.weights(fewer, 1.0), priorities.weights(fewer, 1.0))
