"""Rollouts from one member of a task family."""

from collections import Counter

import numpy as np
import pytest
import torch

from agents.agent import Agent
from agents.algorithms.advantages import discounted_returns
from agents.config import RunConfig
from agents.meta.inner_loop import AdaptedPolicy, own_weights
from agents.meta.task_family import FamilyMember, member_task, split
from agents.runtime.iteration import Iteration
from envs.household.direction_words import MEMBERS
from envs.task import Task

FAMILY = Task(key="household/words", options={"member": 5})


@pytest.fixture(scope="module")
def policy():
    agent = Agent(RunConfig())
    agent.add_task(FAMILY, 0)
    return agent.policy


def collected(policy, worlds=6, choose=None):
    member = FamilyMember(FAMILY, 0, worlds, np.random.SeedSequence(3))
    stream = Iteration(member.collect(policy, torch.Generator().manual_seed(0), choose))
    steps = list(stream)
    return stream.result, steps


@pytest.mark.parametrize("own", range(len(MEMBERS)))
def test_each_word_means_each_direction_equally_often_in_training_and_test_members(own):
    teaching, test = split(Task(key="household/words", options={"member": own}))
    assert own in test[:4]
    assert sorted(teaching + test) == list(range(24))
    for part in (teaching, test, test[:4]):
        for word in range(4):
            directions = Counter(MEMBERS[member][word] for member in part)
            assert set(directions.values()) == {len(part) // 4}


def test_a_member_keeps_the_other_options_of_its_family():
    task = Task(key="household/words", options={"member": 5, "size": 4})
    assert member_task(task, 7).options == {"member": 7, "size": 4}


def test_every_environment_contributes_one_complete_episode(policy):
    rollout, steps = collected(policy, worlds=6)
    ended = (rollout.terminated + rollout.truncated).flatten()
    episodes = [episode for step in steps for episode in step.episodes]
    assert len(episodes) == ended.sum() == 6
    assert ended[-1] == 1
    assert sum(step.decisions for step in steps) == len(ended) == len(rollout.observations)
    assert sorted(episode.length for episode in episodes) == sorted(np.diff([-1, *ended.nonzero().flatten()]))
    assert float(rollout.rewards.sum()) == pytest.approx(sum(episode.reward for episode in episodes), abs=1e-5)
    assert sum(episode.score for episode in episodes) == rollout.terminated.sum()


def test_returns_do_not_leak_between_concatenated_episodes(policy):
    torch.nn.init.constant_(policy.value.bias, 0.5)  # initial values are 0
    rollout, _ = collected(policy, worlds=6)
    returns = discounted_returns(rollout, 0.9).flatten().tolist()
    expected, discounted_return = [], 0.0
    steps = zip(
        *(getattr(rollout, name).flatten().tolist() for name in ("rewards", "terminated", "truncated", "final_values")),
        strict=True,
    )
    for reward, terminated, truncated, final in reversed(list(steps)):
        discounted_return = reward + 0.9 * (final if truncated else 0.0 if terminated else discounted_return)
        expected.insert(0, discounted_return)
    assert returns == pytest.approx(expected, abs=1e-5)
    assert bool((rollout.final_values != 0).eq(rollout.truncated == 1).all())


def test_selected_decisions_are_yielded(policy):
    _, steps = collected(policy, choose=lambda count: [True, *[False] * (count - 1)])
    assert all(len(step.collected) == 1 for step in steps)
    first = steps[0].collected[0]
    assert first.text.startswith("new house . go to the")
    assert first.picture_state is not None


def test_an_adapted_policy_uses_the_given_weights(policy):
    observations = policy.encode(["new house . go to the cup . cup two left ."], [0])
    weights = {name: weight + 0.05 for name, weight in own_weights(policy).items()}
    before, value = policy(observations)
    same, same_value = AdaptedPolicy(policy, own_weights(policy))(observations)
    other, _ = AdaptedPolicy(policy, weights)(observations)
    afterwards, _ = policy(observations)
    torch.testing.assert_close(same.logits, before.logits)
    torch.testing.assert_close(same_value, value)
    assert not torch.allclose(other.logits, before.logits)
    torch.testing.assert_close(afterwards.logits, before.logits, rtol=0, atol=0)
    with pytest.raises(TypeError, match="add the task to the policy itself"):
        AdaptedPolicy(policy, weights).add_task(1, ("go",), ())
