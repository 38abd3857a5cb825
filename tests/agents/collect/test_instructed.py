"""Rollouts with instructions: the decisions of writer and actor, each with its own rewards."""

from collections import Counter

import numpy as np
import pytest
import torch

from agents.collect.instructed import InstructedCollector
from agents.config.agent import InstructionsConfig, ModelConfig
from agents.instructions import OPENING, writer_task_id
from agents.instructions.wrapper import InstructionWrapper
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from agents.runtime.iteration import Iteration, drain
from envs.task import Task

WORLDS, STEPS, PATIENCE, LIMIT = 8, 40, 4, 12


@pytest.fixture(scope="module")
def policy():
    settings, generator = ModelConfig(layers=1, width=16, heads=2), torch.Generator().manual_seed(0)
    policy, world = LanguagePolicy(Transformer(settings, generator), generator), house()
    policy.add_task(0, world.actions, world.words)
    policy.add_task(writer_task_id(0), world.checkable, ())
    return policy.eval()


def house():
    return InstructionWrapper(
        Task(key="household/fetch", options={"max_episode_steps": LIMIT, "subgoal_share": 0}).make(), PATIENCE
    )


def collected(policy, **settings):
    config = InstructionsConfig(
        **{"writer": "learned", "max_steps": PATIENCE, "warmup_steps": 0, "reward": "goal", **settings}
    )
    collector = InstructedCollector([house() for _ in range(WORLDS)], 0, 0, config)
    stream = Iteration(collector.collect(policy, STEPS, torch.Generator().manual_seed(0)))
    episodes = [episode for step in stream for episode in step.episodes]
    return stream.result, episodes


def test_the_actor_decides_at_every_step_and_the_writer_at_every_prompt(policy):
    rollout, _ = collected(policy)
    task_ids = rollout.observations.task_ids
    writes = task_ids == writer_task_id(0)
    assert int((task_ids == 0).sum()) == WORLDS * STEPS
    assert (rollout.durations[~writes] == 1).all()
    assert rollout.durations[writes].max() <= PATIENCE
    assert int(rollout.durations[writes].sum()) == WORLDS * STEPS


def test_the_recorded_numbers_are_those_of_the_policy(policy):
    rollout, _ = collected(policy)
    actions, values = policy(rollout.observations)
    torch.testing.assert_close(actions.log_prob(rollout.actions.flatten()), rollout.log_probs.flatten())
    torch.testing.assert_close(values, rollout.values.flatten())


def test_the_actor_is_rewarded_for_instructions_and_the_writer_for_goals(policy):
    rollout, episodes = collected(policy)
    writes = rollout.observations.task_ids == writer_task_id(0)
    rewards = rollout.rewards.flatten()
    total_score = sum(episode.score for episode in episodes)
    assert total_score > 0
    assert float(rewards[writes].sum()) == total_score
    assert float(rewards[~writes].sum()) > total_score  # an instruction may ask for less than the goal
    assert set(rewards[~writes].tolist()) == {0.0, 1.0}
    assert rollout.extra_metrics["reached"] == pytest.approx(total_score / len(episodes))
    assert int(rollout.terminated.flatten()[writes].sum()) == len(episodes)


def test_the_writer_can_get_the_rewards_of_the_environment(policy):
    rollout, episodes = collected(policy, reward="world")
    writes = rollout.observations.task_ids == writer_task_id(0)
    assert float(rollout.rewards.flatten()[writes].sum()) == sum(episode.reward for episode in episodes)


def test_random_instructions_are_carried_out_and_not_learned_from(policy):
    rollout, _ = collected(policy, writer="random")
    assert set(rollout.observations.task_ids.tolist()) == {0}
    assert 0 < rollout.extra_metrics["fulfilled"] < 1


def test_it_continues_exactly_where_it_was_saved(policy):
    config = InstructionsConfig(writer="learned", max_steps=PATIENCE)
    first, second = (InstructedCollector([house() for _ in range(3)], 0, seed, config) for seed in (0, 1))
    for _ in first.collect(policy, 7, torch.Generator().manual_seed(0)):
        pass
    second.restore(first.state())
    texts = [Counter(str(world.picture_state()) for world in each._worlds) for each in (first, second)]
    assert texts[0] == texts[1]
    ends = [drain(each.collect(policy, 7, torch.Generator().manual_seed(1))) for each in (first, second)]
    np.testing.assert_array_equal(ends[0].actions, ends[1].actions)
    np.testing.assert_array_equal(ends[0].values, ends[1].values)
    assert OPENING.split()[0] in policy.model.tokenizer.words
