"""Living in several tasks at once is living in each of them, side by side."""

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
        Collector([TASKS[place].make() for _ in range(size)], place, seed=place) for place, size in enumerate(sizes)
    ]


def collected(life):
    steps = Iteration(life)
    return list(steps), steps.result


def taking_turns(parts, policy):
    """Live in each part's worlds by hand, one step of one after one step of the other."""
    generator = torch.Generator().manual_seed(5)
    lives = [part.collect(policy, STEPS, generator) for part in parts]
    for _ in range(STEPS):
        steps = [next(life) for life in lives]
        assert steps
    return [collected(life)[1] for life in lives]


def test_its_rollout_is_that_of_a_collector_for_each_task_side_by_side(policy):
    _, joint = collected(JointCollector(collectors((2, 3)), 5).collect(policy, STEPS, torch.Generator().manual_seed(5)))
    parts = taking_turns(collectors((2, 3)), policy)
    for name in NUMBERS:
        assert torch.equal(getattr(joint, name), torch.cat([getattr(part, name) for part in parts], 1)), name
    assert torch.equal(joint.last_values, torch.cat([part.last_values for part in parts]))
    task_ids = joint.observations.task_ids.reshape(STEPS, 5)
    assert task_ids.tolist() == [[0, 0, 1, 1, 1]] * STEPS
    with torch.no_grad():
        own = [policy(part.observations)[1].reshape(STEPS, -1) for part in parts]
        torch.testing.assert_close(policy(joint.observations)[1].reshape(STEPS, 5), torch.cat(own, 1))


def test_each_decision_and_episode_is_told_with_its_own_task_and_place(policy):
    remember = np.random.default_rng(0).random((STEPS, 5)) < 0.3
    joint = JointCollector(collectors((2, 3)), 5)
    steps, rollout = collected(joint.collect(policy, STEPS, torch.Generator().manual_seed(5), remember))
    told = [decision for step in steps for decision in step.collected]
    assert sorted(decision.row for decision in told) == np.flatnonzero(remember).tolist()
    assert all(decision.task_id == (decision.row % 5 >= 2) for decision in told)
    assert [rollout.actions.flatten()[decision.row] for decision in told] == [decision.action for decision in told]
    ends = (rollout.terminated + rollout.truncated).reshape(STEPS, 5)
    episodes = [episode.task_id for step in steps for episode in step.episodes]
    assert episodes.count(0) == ends[:, :2].sum() > 0
    assert episodes.count(1) == ends[:, 2:].sum() > 0


@pytest.mark.parametrize(
    ("worlds", "tasks", "shares"), [(64, 3, (22, 21, 21)), (4, 4, (1, 1, 1, 1)), (2, 3, (1, 1, 1)), (7, 1, (7,))]
)
def test_worlds_are_shared_out_evenly(worlds, tasks, shares):
    assert split_evenly(worlds, tasks) == shares


def test_too_few_worlds_for_all_tasks_take_turns_from_rollout_to_rollout(policy):
    joint, generator = JointCollector(collectors((1, 1, 1)), 2), torch.Generator().manual_seed(0)
    seen = []
    for _ in range(3):
        assert joint.size == 2
        _, rollout = collected(joint.collect(policy, 2, generator))
        seen.append(rollout.observations.task_ids[:2].tolist())
    assert seen == [[0, 1], [2, 0], [1, 2]]


def test_it_continues_exactly_where_its_state_was_taken(policy):
    joint, again = (JointCollector(collectors((1, 1, 1)), 2) for _ in range(2))
    collected(joint.collect(policy, STEPS, torch.Generator().manual_seed(0)))
    again.restore(joint.state())
    rest = [collected(each.collect(policy, STEPS, torch.Generator().manual_seed(1)))[1] for each in (joint, again)]
    for name in NUMBERS:
        assert torch.equal(*(getattr(rollout, name) for rollout in rest)), name
