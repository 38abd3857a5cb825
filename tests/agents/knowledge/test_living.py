"""A run with a knowledge base: it helps in a task that needs it, resumes exactly, and follows commands."""

import json

import pytest
import torch

from agents import codec
from agents.commands import AddKnowledge, EditKnowledge, EraseKnowledge, PinKnowledge
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import (
    CommandApplied,
    CommandRefused,
    Evaluated,
    KnowledgeChanged,
    Progress,
    RunFinished,
    StageFinished,
    Updated,
)
from agents.infer import counterfactual, watcher
from agents.knowledge.query import Query
from agents.state_tree import join, split
from agents.story import Story
from agents.training.trainer import Trainer
from envs import task
from envs.curriculum import Stage
from envs.options import Options
from envs.task import Task, TaskSpec

WITH_BASE = {"knowledge.max_entries": 64}


@pytest.fixture(autouse=True, scope="module")
def _errands(errand):
    class TaskWorld(errand):
        def __init__(self, options):
            super().__init__()

    spec = TaskSpec(
        key="errand", title="Errand", group="Test", summary="", world="agents:errand_of_a_test", options=Options
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.errand_of_a_test", TaskWorld, raising=False)
        patch.setattr(task, "LIBRARY", (*task.LIBRARY, spec))
        yield


@pytest.fixture(scope="module")
def learned():
    """A trainer whose agent has learned to use retrieved facts, and the events of its run."""
    trainer = Trainer(config(8_192, **WITH_BASE))
    return trainer, [event for event in trainer.run() if not isinstance(event, Progress)]


def config(steps=512, **changes):
    learning = LearningConfig(n_envs=16, n_steps=8, burst_updates=3)
    stages = (Stage(id="a", task="errand", steps=steps),)
    whole = RunConfig(stages=stages, learning=learning, evaluation=EvaluationConfig(n_eval_episodes=64, eval_freq=0))
    return whole.changed({"model.width": 32, "model.layers": 1, "model.heads": 2, **changes})


def test_only_with_a_base_the_task_is_learned(learned):
    others = list(Trainer(config(8_192)).run())
    with_base, without_base = (
        [event.scores[0] for event in events if isinstance(event, Evaluated)][-1] for events in (learned[1], others)
    )
    assert with_base > 0.95
    assert without_base < 0.7


def test_a_resumed_run_has_the_same_knowledge_and_weights():
    trainer = Trainer(config(**WITH_BASE))
    saves, events = [], []
    for event in trainer.run():
        events += [] if isinstance(event, Progress) else [event]
        if isinstance(event, Updated) and len(saves) < 3:
            plain, arrays = split(trainer.saved())
            saves.append((len(events), json.dumps(plain, default=dict), arrays))
    weights = trainer.state.agent.policy.state_dict()
    for position, plain, arrays in saves[:1] + saves[2:]:
        again = Trainer(config(**WITH_BASE))
        again.resume(join(json.loads(plain), arrays))
        rest = [event for event in again.run() if not isinstance(event, Progress)][1:]
        keep = (Evaluated, KnowledgeChanged)
        assert any(isinstance(event, KnowledgeChanged) for event in rest)
        expected = [codec.to_json(event) | {"seconds": 0} for event in events[position:] if isinstance(event, keep)]
        assert [codec.to_json(event) | {"seconds": 0} for event in rest if isinstance(event, keep)] == expected
        for name, weight in again.state.agent.policy.state_dict().items():
            assert torch.equal(weight, weights[name])


def test_the_story_has_the_agents_entries_also_after_serialisation(learned):
    trainer, events = learned
    story = Story(codec.from_json(json.loads(codec.dumps(codec.to_json(event)))) for event in events)
    assert story.until().knowledge() == list(trainer.state.agent.knowledge.entries())
    assert story.until(0).knowledge() == []
    stages = {entry.stage for entry in story.until().knowledge()}
    assert stages == {0}


def test_the_user_adds_edits_pins_and_erases():
    trainer = Trainer(config(**WITH_BASE))
    events = trainer.run()
    next(event for event in events if isinstance(event, Updated))
    trainer.commands.put(AddKnowledge(sentence="the apple belongs in the drawer for ever"))
    change = next(event for event in events if isinstance(event, KnowledgeChanged))
    (entry,) = change.added
    trainer.commands.put(PinKnowledge(ids=(entry.id,)))
    assert next(event for event in events if isinstance(event, KnowledgeChanged)).changed[0].pinned
    trainer.commands.put(EditKnowledge(entry=entry.id, sentence="pears are sweet"))
    change = next(event for event in events if isinstance(event, KnowledgeChanged))
    assert (change.removed, change.added[0].sentence) == ((entry.id,), "pears are sweet")
    trainer.commands.put(EditKnowledge(entry=entry.id, sentence="too late"))
    assert (
        "no longer in the knowledge base" in next(event for event in events if isinstance(event, CommandRefused)).reason
    )
    trainer.commands.put(EraseKnowledge(ids=(change.added[0].id,)))
    assert isinstance(next(event for event in events if isinstance(event, CommandApplied)), CommandApplied)
    assert isinstance(list(events)[-1], RunFinished)
    assert not trainer.state.agent.knowledge.entries(Query(words="sweet"))


def test_an_agent_without_a_base_refuses_new_sentences():
    trainer = Trainer(config(256))
    trainer.commands.put(AddKnowledge(sentence="hello"))
    refused = next(event for event in trainer.run() if isinstance(event, CommandRefused))
    assert "knowledge.max_entries" in refused.reason


@pytest.mark.parametrize("strategy", ["joint", "replay"])
def test_it_can_be_combined_with_strategies(strategy):
    changes = {**WITH_BASE, "strategy.name": strategy}
    assert any(isinstance(event, StageFinished) for event in Trainer(config(256, **changes)).run())


def test_the_watcher_shows_retrieved_entries_and_decides_again_without_them(learned):
    trainer, _ = learned
    watching = watcher.Watcher(64)
    watching.load(trainer.state.agent.snapshot(0))
    watching.show(Task(key="errand"), 0)
    shifts = []
    for _ in range(20):
        if (frame := watching.step()).recalled:
            (entry,) = frame.recalled
            assert entry.sentence in frame.text
            again = watching.compare_without([entry.id])
            assert again.entries == (entry,)
            assert again.probabilities == pytest.approx(frame.probabilities, abs=1e-5)
            assert (again.frame_id, again.actions) == ((frame.episode, frame.time), frame.actions)
            shifts.append(again.nats)
            earlier = frame
    assert max(shifts) > 0.5  # where the rule changes the decision
    while watching.step().episode < earlier.episode + 3:
        continue
    again = watching.compare_without([earlier.recalled[0].id], (earlier.episode, earlier.time))
    assert again.probabilities == pytest.approx(earlier.probabilities, abs=1e-5)
    assert watching.compare_without([0], (earlier.episode - 500, 0)) is None
    before = trainer.state.agent.knowledge.entries()
    for _ in range(10):
        watching.step()
    assert trainer.state.agent.knowledge.entries() == before


def test_reconsidering_without_anything_left_out_changes_nothing():
    trainer = Trainer(config(256, **WITH_BASE))
    list(trainer.run())
    entries = trainer.state.agent.knowledge.entries()[:1]
    situation = counterfactual.Situation((1, 0), "errand . put the cup away .", 0, ("drawer", "basket"), entries, 24)
    same = counterfactual.reconsider(trainer.state.agent.policy, situation, ())
    assert same.probabilities == same.without
    assert same.nats == 0
    assert sum(same.probabilities) == pytest.approx(1)
