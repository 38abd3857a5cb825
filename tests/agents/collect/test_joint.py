"""A joint rollout is the rollouts of its tasks, concatenated."""

import numpy as np
import pytest
import torch

from agents.collect.collector import Collector
from agents.collect.joint import JointCollector, split_evenly
from agents.config.agent import ModelConfig
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from agents.runtime.iteration import Iteration
from envs.task import Task

TASKS = [Task(key=key) for key in ("household/go-to", "gym:CartPole-v1", "mirror/take")]
NUMBERS = ("actions", "log_probs", "values", "rewards", "terminated", "truncated", "final_values")
STEPS = 24


@pytest.fixture
def policy():
    generator = torch.Generator().manual_seed(0)
    create = LanguagePolicy(Transformer(ModelConfig(layers=1, width=16), generator), generator)
    for task_id, task in enumerate(TASKS):
        world = task.make()
        create.add_task(task_id, world.actions, world.words)
    return create


def collectors(sizes):
    return [
        Collector([TASKS[task_id].make() for _ in range(size)], task_id, seed=task_id)
        for task_id, size in enumerate(sizes)
    ]


def collected(stream):
    steps = Iteration(stream)
    return list(steps), steps.result


def collected_in_turn(parts, policy):
    """Step the collectors in turn, one step each."""
    generator = torch.Generator().manual_seed(5)
    streams = [part.collect(policy, STEPS, generator) for part in parts]
    for _ in range(STEPS):
        steps = [next(stream) for stream in streams]
        assert steps
    return [collected(stream)[1] for stream in streams]


def test_its_rollout_is_the_concatenation_of_one_rollout_per_task(policy):
    _, joint = collected(JointCollector(collectors((2, 3)), 5).collect(policy, STEPS, torch.Generator().manual_seed(5)))
    parts = collected_in_turn(collectors((2, 3)), policy)
    for name in NUMBERS:
        assert torch.equal(getattr(joint, name), torch.cat([getattr(part, name) for part in parts], 1)), name
    assert torch.equal(joint.last_values, torch.cat([part.last_values for part in parts]))
    task_ids = joint.observations.task_ids.reshape(STEPS, 5)
    assert task_ids.tolist() == [[0, 0, 1, 1, 1]] * STEPS
    with torch.no_grad():
        own = [policy(part.observations)[1].reshape(STEPS, -1) for part in parts]
        torch.testing.assert_close(policy(joint.observations)[1].reshape(STEPS, 5), torch.cat(own, 1))


def test_each_decision_and_episode_has_its_own_task_id_and_row(policy):
    remember = np.random.default_rng(0).random((STEPS, 5)) < 0.3
    joint = JointCollector(collectors((2, 3)), 5)
    steps, rollout = collected(joint.collect(policy, STEPS, torch.Generator().manual_seed(5), remember))
    decisions = [decision for step in steps for decision in step.collected]
    assert sorted(decision.row for decision in decisions) == np.flatnonzero(remember).tolist()
    assert all(decision.task_id == (decision.row % 5 >= 2) for decision in decisions)
    assert [rollout.actions.flatten()[decision.row] for decision in decisions] == [
        decision.action for decision in decisions
    ]
    ends = (rollout.terminated + rollout.truncated).reshape(STEPS, 5)
    episodes = [episode.task_id for step in steps for episode in step.episodes]
    assert episodes.count(0) == ends[:, :2].sum() > 0
    assert episodes.count(1) == ends[:, 2:].sum() > 0


@pytest.mark.parametrize(
    ("worlds", "tasks", "shares"), [(64, 3, (22, 21, 21)), (4, 4, (1, 1, 1, 1)), (2, 3, (1, 1, 1)), (7, 1, (7,))]
)
def test_environments_are_split_evenly(worlds, tasks, shares):
    assert split_evenly(worlds, tasks) == shares


def test_with_fewer_environments_than_tasks_the_tasks_alternate_between_rollouts(policy):
    joint, generator = JointCollector(collectors((1, 1, 1)), 2), torch.Generator().manual_seed(0)
    task_ids = []
    for _ in range(3):
        assert joint.size == 2
        _, rollout = collected(joint.collect(policy, 2, generator))
        task_ids.append(rollout.observations.task_ids[:2].tolist())
    assert task_ids == [[0, 1], [2, 0], [1, 2]]


def test_it_continues_exactly_where_its_state_was_taken(policy):
    joint, restored = (JointCollector(collectors((1, 1, 1)), 2) for _ in range(2))
    collected(joint.collect(policy, STEPS, torch.Generator().manual_seed(0)))
    restored.restore(joint.state())
    rollouts = [
        collected(each.collect(policy, STEPS, torch.Generator().manual_seed(1)))[1] for each in (joint, restored)
    ]
    for name in NUMBERS:
        assert torch.equal(*(getattr(rollout, name) for rollout in rollouts)), name
