"""Sentences longer than the context of a model are refused, and the first truncation of a run is reported once."""

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces

from agents.commands import EditCurriculum
from agents.config import RunConfig
from agents.config.agent import MLPConfig, ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.errors import BadInput
from agents.events import CommandRefused, Fault, Resumed
from agents.language.context_limit import CUT, ContextLimit
from agents.policies.factory import initial_policy
from agents.store.run_store import RunStore
from agents.training.prepared_run import start
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.task import Task

BODIES = {"transformer": ModelConfig(), "mlp": MLPConfig()}


class Long(gym.Env):
    """40 integers, of which only the first matters: sentences of 85 words."""

    def __init__(self):
        self.observation_space, self.action_space = spaces.MultiDiscrete([5] + [3] * 39), spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time, self.digit = 0, int(self.np_random.integers(5))
        return self.shown(), {}

    def shown(self):
        return np.array([self.digit] + [1] * 39)

    def step(self, action):
        right, self.time = int(action) == self.digit % 2, self.time + 1
        self.digit = int(self.np_random.integers(5))
        return self.shown(), float(right), self.time >= 8, False, {}


@pytest.fixture(autouse=True)
def _known():
    gym.register("Long-v0", entry_point=Long)
    yield
    del gym.registry["Long-v0"]


def config(task="gym:Long-v0", steps=64, **changes):
    settings = RunConfig(
        stages=(Stage(task=task, steps=steps),),
        learning=LearningConfig(n_envs=8, n_steps=8),
        evaluation=EvaluationConfig(n_eval_episodes=8, eval_freq=0),
    )
    return settings.changed({key.replace("__", "."): value for key, value in changes.items()})


@pytest.mark.parametrize("name", BODIES)
def test_a_run_with_too_long_sentences_is_refused_with_the_remedy(name, tmp_path):
    limit = BODIES[name].context
    text = rf"stages\[0\]\.task: gym:Long-v0 has sentences of up to 85 tokens, and model\.context is {limit}: .*"
    with pytest.raises(BadInput, match=text + r"set model\.context = 128"):
        start(RunStore(tmp_path), config(model__name=name))
    assert not list(RunStore(tmp_path))
    start(RunStore(tmp_path), config(model__name=name, model__context=85))


def test_a_table_and_a_random_policy_read_sentences_of_any_length(tmp_path):
    start(RunStore(tmp_path), config(model__name="table", algorithm__name="q_learning"))
    start(RunStore(tmp_path), config(algorithm__name="random"))


def test_a_remedy_is_one_that_the_settings_allow():
    limit = ContextLimit(64)
    assert limit.remedy(ModelConfig(), 85) == "set model.context = 128"
    assert limit.remedy(ModelConfig(start="pretrained"), 85) == "set model.start = scratch and model.context = 128"
    assert limit.remedy(MLPConfig(), 1_024) == "set model.context = 1024"
    assert limit.remedy(MLPConfig(), 1_025) == "choose a model that reads more"
    assert ContextLimit(64, largest=100).remedy(ModelConfig(), 85) == "set model.context = 100"


def test_a_stage_that_is_added_later_is_checked_too():
    settings = config("household/go-to", steps=128)
    trainer = Trainer(settings)
    added = (*settings.stages, Stage(task="gym:Long-v0", steps=64))
    trainer.commands.put(EditCurriculum(id="a", stages=added))
    refused = [event for event in trainer.run() if isinstance(event, CommandRefused)]
    assert "has sentences of up to 85 tokens" in refused[0].arguments["error"]
    assert len(trainer.state.tasks) == 1


def knowing(context):
    knowledge = {"knowledge__max_entries": 100, "knowledge__max_words": 24}
    return config("household/rules", steps=512, model__context=context, **knowledge)


def cuts(events):
    return [event for event in events if isinstance(event, Fault) and event.message == CUT]


def test_a_sentence_that_knowledge_makes_too_long_is_reported_once(tmp_path):
    trainer = Trainer(knowing(34))
    faults = cuts(trainer.run())
    assert len(faults) == 1
    assert faults[0].arguments["limit"] == 34 < faults[0].arguments["length"]
    assert faults[0].arguments["remedy"] == "set model.context = 64"
    assert not cuts(Trainer(knowing(96)).run())


def test_it_is_not_reported_again_after_a_resume():
    first = Trainer(knowing(34))
    for event in first.run():
        if cuts([event]):
            break
    saved = first.saved()
    again = Trainer(knowing(34))
    again.resume(saved)
    events = list(again.run())
    assert any(isinstance(event, Resumed) for event in events)
    assert not cuts(events)


@pytest.mark.parametrize("name", BODIES)
def test_truncation_leaves_the_first_clause_of_a_sentence(name):
    settings = RunConfig(model=BODIES[name].model_copy(update={"context": 16}))
    policy = initial_policy(settings, torch.Generator().manual_seed(0))
    words = [f"w{number}" for number in range(40)]
    policy.add_task(0, ("left", "right"), ["house", "mirror", ".", *words])
    text = f"mirror house . {' '.join(words)} ."
    truncated = f"mirror house . {' '.join(words[-12:])} ."
    long, short = policy.encode([text], [0]), policy.encode([truncated], [0])
    assert torch.equal(long.prompts.tokens, short.prompts.tokens)
    assert policy.limit.longest == policy.length(text) == 44
    assert policy.length(truncated) == 16


def test_truncation_removes_recalled_sentences_first():
    limit = ContextLimit(12)
    text = "you know : the apple belongs in the fridge . house . go to the cup ."
    assert limit.fitted(text, lambda text: len(text.split())) == "you know : fridge . house . go to the cup ."


def test_a_sentence_that_fits_is_the_same_object():
    text = "house . go to the cup ."
    limit = ContextLimit(7)
    assert limit.fitted(text, lambda text: len(text.split())) is text
    assert limit.longest == 7


TASKS = ["household/go-to", "household/tidy", "household/rules", "gym:CartPole-v1", "gym:Taxi-v4", "gym:Acrobot-v1"]


@pytest.mark.parametrize("key", TASKS)
def test_no_environment_has_sentences_much_longer_than_its_longest_sentence(key):
    world = Task(key=key).make()
    longest = len(world.longest_sentence().split())
    for seed in range(8):
        text = world.reset(seed=seed)[0]
        for step in range(30):
            assert len(text.split()) <= longest * (1.0 if key.startswith("gym:") else 1.3)
            text, _, ended, cut, _ = world.step(step % len(world.actions))
            if ended or cut:
                break
