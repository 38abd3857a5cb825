"""Environments of a group share their initial states within a rollout; the next rollout has others."""

import pytest
import torch

from agents.collect.collector import Collector
from agents.collect.episode_seeds import EpisodeSeeds
from agents.config.agent import ModelConfig
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from envs.task import Task


def test_without_groups_each_environment_is_seeded_once_with_its_own_seed():
    episode_seeds = EpisodeSeeds(seed=3, worlds=4)
    assert len(set(episode_seeds.seeds())) == 4
    assert [episode_seeds.next(world) for world in range(4)] == [None] * 4


@pytest.mark.parametrize(("group", "expected"), [(2, [0, 0, 1, 1, 2]), (5, [0] * 5), (8, [0] * 5)])
def test_a_group_shares_its_seeds_until_the_rollout_ends(group, expected):
    episode_seeds = EpisodeSeeds(seed=3, worlds=5, group=group)
    assert episode_seeds.numbers == expected
    first = episode_seeds.seeds()
    assert len(set(first)) == len(set(expected))
    assert [episode_seeds.next(world) for world in range(5)] == first
    episode_seeds.end_rollout()
    later = [episode_seeds.next(world) for world in range(5)]
    assert not set(later) & set(first)
    assert len(set(later)) == len(set(expected))


def test_a_restored_sequence_continues_with_the_same_seeds():
    first, second = EpisodeSeeds(seed=3, worlds=4, group=2), EpisodeSeeds(seed=3, worlds=4, group=2)
    first.end_rollout()
    first.next(1)
    second.restore(first.state())
    assert second.numbers == first.numbers
    assert second.next(2) == first.next(2)


@pytest.fixture
def policy():
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, heads=2, layers=1), generator), generator)
    world = Task(key="household/go-to").make()
    policy.add_task(0, world.actions, world.words)
    return policy


def test_episodes_with_equal_start_ids_begin_with_the_same_sentence(policy):
    task = Task(key="household/go-to")
    collector = Collector([task.make() for _ in range(6)], 0, seed=1, group=3)
    rollouts = []

    def stream():
        rollouts.append((yield from collector.collect(policy, 12, torch.Generator().manual_seed(0))))

    assert len(list(stream())) == 12
    (rollout,) = rollouts
    first_rows = {}
    rows = rollout.observations.rows.view(12, 6)
    ended = (rollout.terminated + rollout.truncated).bool()
    for step in range(12):
        for world in range(6):
            if step == 0 or ended[step - 1, world]:
                first_rows.setdefault(int(rollout.starts[step, world]), []).append(int(rows[step, world]))
    assert all(len(set(sentence_rows)) == 1 for sentence_rows in first_rows.values())
    assert max(map(len, first_rows.values())) >= 3
    assert len(first_rows) == 2
