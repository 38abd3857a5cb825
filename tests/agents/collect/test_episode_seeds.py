"""Worlds of a group begin alike, rollout by rollout, and elsewhere in the next one."""

import pytest
import torch

from agents.collect.collector import Collector
from agents.collect.episode_seeds import EpisodeSeeds
from agents.config.agent import ModelConfig
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from envs.task import Task


def test_alone_each_world_goes_on_from_a_seed_of_its_own():
    starts = EpisodeSeeds(seed=3, worlds=4)
    assert len(set(starts.seeds())) == 4
    assert [starts.next(world) for world in range(4)] == [None] * 4


@pytest.mark.parametrize(("group", "expected"), [(2, [0, 0, 1, 1, 2]), (5, [0] * 5), (8, [0] * 5)])
def test_a_group_shares_its_seeds_until_the_rollout_is_over(group, expected):
    starts = EpisodeSeeds(seed=3, worlds=5, group=group)
    assert starts.numbers == expected
    first = starts.seeds()
    assert len(set(first)) == len(set(expected))
    assert [starts.next(world) for world in range(5)] == first
    starts.end_rollout()
    again = [starts.next(world) for world in range(5)]
    assert not set(again) & set(first)
    assert len(set(again)) == len(set(expected))


def test_restored_the_same_episodes_follow():
    one, other = EpisodeSeeds(seed=3, worlds=4, group=2), EpisodeSeeds(seed=3, worlds=4, group=2)
    one.end_rollout()
    one.next(1)
    other.restore(one.state())
    assert other.numbers == one.numbers
    assert other.next(2) == one.next(2)


@pytest.fixture
def policy():
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, heads=2, layers=1), generator), generator)
    world = Task(key="household/go-to").make()
    policy.add_task(0, world.actions, world.words)
    return policy


def test_decisions_that_a_rollout_says_began_alike_read_the_same_sentence(policy):
    task = Task(key="household/go-to")
    collector = Collector([task.make() for _ in range(6)], 0, seed=1, group=3)
    rollouts = []

    def life():
        rollouts.append((yield from collector.collect(policy, 12, torch.Generator().manual_seed(0))))

    assert len(list(life())) == 12
    (rollout,) = rollouts
    opening = {}
    rows = rollout.observations.rows.view(12, 6)
    ended = (rollout.terminated + rollout.truncated).bool()
    for step in range(12):
        for world in range(6):
            if step == 0 or ended[step - 1, world]:
                opening.setdefault(int(rollout.starts[step, world]), []).append(int(rows[step, world]))
    assert all(len(set(read)) == 1 for read in opening.values())
    assert max(map(len, opening.values())) >= 3
    assert len(opening) == 2
