"""Runs whose agent writes its instructions: actor and writer learn, and a resumed run is identical."""

import json

import pytest
import torch

from agents.config import RunConfig
from agents.config.config_file import changed
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.errors import BadInput
from agents.events import Evaluated, Fault, MemoryChanged, Progress, Updated
from agents.instructions import writer_task_id
from agents.state_tree import join, split
from agents.training.trainer import Trainer
from envs import task
from envs.curriculum import Stage
from envs.options import Options
from envs.task import TaskSpec

WRITING = {"instructions.writer": "learned", "instructions.max_steps": 4, "instructions.warmup_steps": 512}


@pytest.fixture(autouse=True, scope="module")
def _corridors(corridor):
    class TaskWorld(corridor):
        def __init__(self, options):
            super().__init__()

    spec = TaskSpec(
        key="corridor",
        title="Corridor",
        group="Test",
        summary="",
        world="agents:corridor_of_a_test",
        options=Options,
        checks=True,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.corridor_of_a_test", TaskWorld, raising=False)
        patch.setattr(task, "LIBRARY", (*task.LIBRARY, spec))
        yield


def config(steps=1_024, **changes):
    learning = LearningConfig(n_envs=16, n_steps=16, burst_updates=3)
    stages = (Stage(id="a", task="corridor", steps=steps),)
    small = {} if "model.name" in changes else {"model.width": 32, "model.layers": 1, "model.heads": 2}
    whole = RunConfig(stages=stages, learning=learning, evaluation=EvaluationConfig(n_eval_episodes=64, eval_freq=0))
    return whole.changed({**small, **changes})


def events_in(settings):
    return [event for event in Trainer(settings).run() if not isinstance(event, Progress)]


def test_actor_and_writer_learn_as_the_metrics_show():
    events = events_in(config(6_144, seed=1, **WRITING, **{"algorithm.batch_size": 64}))
    assert not [event for event in events if isinstance(event, Fault)]
    *_, after = (event.scores[0] for event in events if isinstance(event, Evaluated))
    assert after > 0.9
    first, *_, last = (event.terms for event in events if isinstance(event, Updated))
    assert last["fulfilled"] > max(first["fulfilled"], 0.9)
    assert last["reached"] > max(first["reached"], 0.9)


@pytest.mark.parametrize(
    "changes", [{}, {"strategy.name": "replay"}, {"algorithm.name": "grpo"}, {"knowledge.max_entries": 8}]
)
def test_a_resumed_run_writes_and_acts_the_same(changes):
    trainer = Trainer(config(**WRITING, **changes))
    saves, trace = [], []
    for event in trainer.run():
        trace += row(event)
        if isinstance(event, Updated):
            plain, arrays = split(trainer.saved())
            saves.append((len(trace), json.dumps(plain, default=dict), arrays))
    weights = trainer.state.agent.policy.state_dict()
    position, plain, arrays = saves[1]
    again = Trainer(config(**WRITING, **changes))
    again.resume(join(json.loads(plain), arrays))
    assert [part for event in again.run() for part in row(event)] == trace[position:]
    for name, weight in again.state.agent.policy.state_dict().items():
        assert torch.equal(weight, weights[name])


def row(event):
    match event:
        case Updated():
            return [(event.step, dict(event.terms))]
        case Evaluated():
            return [(event.step, event.scores)]
    return []


def test_without_a_writer_there_is_no_action_set_of_instructions():
    off, on = Trainer(config()), Trainer(config(**WRITING))
    assert set(off.state.agent.policy.action_sets) == {0}
    assert set(on.state.agent.policy.action_sets) == {0, writer_task_id(0)}


def test_with_random_instructions_the_actor_still_reports_fulfilment():
    events = events_in(config(**{**WRITING, "instructions.writer": "random"}))
    assert any(isinstance(event, Updated) and "fulfilled" in event.terms for event in events)


def test_memory_entries_have_the_text_of_the_actor():
    changes = [event for event in events_in(config(**WRITING)) if isinstance(event, MemoryChanged)]
    texts = [entry.text for change in changes for entry in change.added]
    assert texts
    assert all(". go to the " in text for text in texts)


@pytest.mark.parametrize("model", ["mlp", "transformer"])
def test_every_model_with_gradients_can_write(model):
    events = events_in(config(512, **{**WRITING, "model.name": model}))
    assert not [event for event in events if isinstance(event, Fault)]


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"algorithm.name": "dqn"}, "algorithm.name = 'ppo'"),
        ({"strategy.name": "clear"}, "instructions.writer = 'none'"),
        ({"strategy.name": "joint"}, "instructions.writer = 'none'"),
        ({"stages.0.task": "household/go-to"}, "instructions.writer = 'none'"),
    ],
)
def test_incompatible_settings_are_refused_in_one_line(changes, remedy):
    with pytest.raises(BadInput) as error:
        changed(config(**WRITING), changes)
    assert remedy in str(error.value)
    assert "\n" not in str(error.value)
