"""What is brought home of a life by instructions: both levels' decisions, each with its own pay."""

from collections import Counter

import numpy as np
import pytest
import torch

from agents.collect.instructed import InstructedCollector
from agents.config.agent import InstructionsConfig, ModelConfig
from agents.instructions import OPENING, writer_of
from agents.instructions.wrapper import InstructionWrapper
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from agents.runtime.iteration import Iteration, drain
from envs.task import Task

WORLDS, STEPS, PATIENCE, LIMIT = 8, 40, 4, 12


@pytest.fixture(scope="module")
def policy():
    settings, generator = ModelConfig(layers=1, width=16, heads=2), torch.Generator().manual_seed(0)
    made, world = LanguagePolicy(Transformer(settings, generator), generator), house()
    made.add_task(0, world.actions, world.words)
    made.add_task(writer_of(0), world.checkable, ())
    return made.eval()


def house():
    return InstructionWrapper(
        Task(key="household/fetch", options={"max_episode_steps": LIMIT, "subgoal_share": 0}).make(), PATIENCE
    )


def collected(policy, **settings):
    config = InstructionsConfig(
        **{"writer": "learned", "max_steps": PATIENCE, "warmup_steps": 0, "reward": "goal", **settings}
    )
    collector = InstructedCollector([house() for _ in range(WORLDS)], 0, 0, config)
    life = Iteration(collector.collect(policy, STEPS, torch.Generator().manual_seed(0)))
    episodes = [episode for step in life for episode in step.episodes]
    return life.result, episodes


def test_every_step_is_the_actors_and_every_prompt_the_writers(policy):
    rollout, _ = collected(policy)
    task_ids = rollout.observations.task_ids
    writes = task_ids == writer_of(0)
    assert int((task_ids == 0).sum()) == WORLDS * STEPS
    assert (rollout.durations[~writes] == 1).all()
    assert rollout.durations[writes].max() <= PATIENCE
    assert int(rollout.durations[writes].sum()) == WORLDS * STEPS


def test_the_recorded_numbers_are_those_of_the_policy(policy):
    rollout, _ = collected(policy)
    actions, values = policy(rollout.observations)
    torch.testing.assert_close(actions.log_prob(rollout.actions.flatten()), rollout.log_probs.flatten())
    torch.testing.assert_close(values, rollout.values.flatten())


def test_the_actor_is_paid_for_instructions_and_the_writer_for_goals(policy):
    rollout, episodes = collected(policy)
    writes = rollout.observations.task_ids == writer_of(0)
    paid = rollout.rewards.flatten()
    solved = sum(episode.score for episode in episodes)
    assert solved > 0
    assert float(paid[writes].sum()) == solved
    assert float(paid[~writes].sum()) > solved  # to go to a room, or to open something, is enough for the actor
    assert set(paid[~writes].tolist()) == {0.0, 1.0}
    assert rollout.metrics["reached"] == pytest.approx(solved / len(episodes))
    assert int(rollout.terminated.flatten()[writes].sum()) == len(episodes)


def test_the_writer_can_be_paid_what_the_world_pays(policy):
    rollout, episodes = collected(policy, reward="world")
    writes = rollout.observations.task_ids == writer_of(0)
    assert float(rollout.rewards.flatten()[writes].sum()) == sum(episode.reward for episode in episodes)


def test_what_chance_wrote_is_carried_out_and_not_learned_from(policy):
    rollout, _ = collected(policy, writer="random")
    assert set(rollout.observations.task_ids.tolist()) == {0}
    assert 0 < rollout.metrics["fulfilled"] < 1


def test_it_goes_on_exactly_where_it_was_saved(policy):
    config = InstructionsConfig(writer="learned", max_steps=PATIENCE)
    one, other = (InstructedCollector([house() for _ in range(3)], 0, seed, config) for seed in (0, 1))
    for _ in one.collect(policy, 7, torch.Generator().manual_seed(0)):
        pass
    other.restore(one.state())
    texts = [Counter(str(world.picture_state()) for world in each._worlds) for each in (one, other)]
    assert texts[0] == texts[1]
    ends = [drain(each.collect(policy, 7, torch.Generator().manual_seed(1))) for each in (one, other)]
    np.testing.assert_array_equal(ends[0].actions, ends[1].actions)
    np.testing.assert_array_equal(ends[0].values, ends[1].values)
    assert OPENING.split()[0] in policy.model.tokenizer.words
