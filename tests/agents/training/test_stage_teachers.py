"""Stages with a teacher: for all or the first steps, whoever acts, and the same after an interruption."""

import json

import numpy as np
import pytest
import torch

from agents.commands import EditCurriculum
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.distillation.factory import make_teacher
from agents.events import CommandRefused, EpisodeFinished, RunFinished, StageFinished, Updated
from agents.state_tree import join, split
from agents.store.run_store import RunStore
from agents.training.prepared_run import start
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.task import Task

TERMS = {"teacher_ce", "teacher_kl", "agreement"}


def config(*teachings, seed=3, **changes):
    stages = tuple(
        Stage(id=f"s{index}", task="household/go-to", steps=512, teaching=teaching)
        for index, teaching in enumerate(teachings)
    )
    return RunConfig(
        seed=seed,
        stages=stages,
        model=ModelConfig(layers=1, width=16, heads=2),
        learning=LearningConfig(n_envs=8, n_steps=8),
        evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=0),
    ).changed(changes)


def updates(settings):
    return [event for event in Trainer(settings).run() if isinstance(event, Updated)]


def is_taught(event):
    return event.terms.keys() >= TERMS


@pytest.mark.parametrize(("steps", "taught"), [(None, 512), (512, 512), (256, 256), (200, 200), (1, 8)])
def test_rewards_take_over_when_the_taught_steps_are_over(steps, taught):
    events = updates(config({"teacher": "expert", "steps": steps}))
    assert max(event.step for event in events if is_taught(event)) == taught
    assert all(is_taught(event) == (event.step <= taught) for event in events)
    assert all(("policy" in event.terms) == (event.step > taught) for event in events)


def test_without_a_teacher_there_are_no_terms_of_distillation():
    assert not any(TERMS & event.terms.keys() for event in updates(config({})))


@pytest.mark.parametrize(("actor", "low", "high"), [("student", 0.0, 0.4), ("both", 0.5, 0.95), ("teacher", 1.0, 1.0)])
def test_the_teacher_acts_where_it_is_asked_to(actor, low, high):
    settings = config({"teacher": "expert", "actor": actor, "n_epochs": 1}, **{"learning.n_steps": 32})
    collected = [event.score for event in Trainer(settings).run() if isinstance(event, EpisodeFinished)]
    assert low <= np.mean(collected) <= high


@pytest.mark.parametrize("actor", ["student", "both", "teacher"])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_the_student_comes_closer_to_its_teacher(actor, alpha):
    events = updates(config({"teacher": "expert", "actor": actor, "alpha": alpha}, **{"learning.learning_rate": 5e-3}))
    first, last = (np.mean([event.terms["teacher_kl"] for event in part]) for part in (events[:2], events[-2:]))
    assert last < first


@pytest.mark.parametrize("strategy", ["joint", "replay", "ewc", "adapters", "lwf"])
def test_every_strategy_can_be_combined_with_a_teacher(strategy):
    events = updates(config({"teacher": "expert", "steps": 256}, {"teacher": "expert"}, **{"strategy.name": strategy}))
    assert any(is_taught(event) for event in events if event.index == 1)


def test_under_joint_each_task_has_a_teacher_of_its_own():
    settings = config({"teacher": "expert"}, **{"strategy.name": "joint"})
    other = Stage(id="o", task="household/put-away", steps=64)
    events = updates(settings.model_copy(update={"stages": (*settings.stages, other)}))
    assert all(is_taught(event) for event in events if event.index == 0)


def test_a_student_with_a_knowledge_base_is_taught_without_it():
    events = updates(config({"teacher": "expert"}, **{"knowledge.max_entries": 8}))
    assert all(is_taught(event) for event in events)


def train(trainer, at=None):
    """Train; return the updates, the state saved right after update number `at`, and the final weights."""
    events, saved = [], None
    for event in trainer.run():
        if isinstance(event, Updated):
            events.append((event.step, dict(event.terms)))
            if len(events) == at:
                plain, arrays = split(trainer.saved())
                saved = join(json.loads(json.dumps(plain)), arrays)
    return events, saved, dict(trainer.state.agent.policy.state_dict())


def test_a_taught_run_resumes_bit_by_bit_even_if_its_teacher_was_deleted(tmp_path, monkeypatch):
    monkeypatch.setenv("PALIMPSEST_RUNS", str(tmp_path))
    store = RunStore()
    former = start(store, config({}, seed=9))
    assert isinstance(list(former.events)[-1], RunFinished)
    settings = config({"teacher": f"agent:{former.run.id}", "steps": 384})
    events, saved, weights = train(Trainer(settings), at=3)
    store.trash(former.run)
    trainer = Trainer(settings)
    trainer.resume(saved)
    rest, _, again = train(trainer)
    assert rest == events[3:]
    assert all(torch.equal(weights[name], again[name]) for name in weights)


def test_a_new_stage_whose_teacher_can_not_be_loaded_is_refused_during_a_run():
    trainer, events = Trainer(config({})), []
    wrong = Stage(id="w", task="household/take", steps=64, teaching={"teacher": "agent:nobody"})
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Updated) and event.step == 64:
            trainer.commands.put(EditCurriculum(stages=(*trainer.state.plan.stages, wrong)))
    refused = [event for event in events if isinstance(event, CommandRefused)]
    assert len(refused) == 1
    assert "stages[1].teaching.teacher: 'agent:nobody' can't teach household/take" in str(refused[0].arguments)


def test_a_pretrained_language_model_can_teach(tmp_path):
    pytest.importorskip("transformers")
    from agents.benchmarks.reference.random_models import draw_model

    task = Task(key="household/go-to")
    world = task.make()
    teacher = make_teacher(f"model:{draw_model(tmp_path)}", task, world, torch.device("cpu"))
    probabilities = teacher.probabilities([world, world], [world.reset(seed=0)[0]] * 2)
    assert probabilities.shape == (2, len(world.actions))
    assert probabilities.sum(1) == pytest.approx(1, abs=1e-5)
    assert teacher.state() is None
    events = updates(config({"teacher": f"model:{tmp_path}", "n_epochs": 1, "steps": 64}))
    assert is_taught(events[0])


@pytest.mark.parametrize(("actor", "reason"), [("teacher", "budget"), ("student", "gate")])
def test_scores_of_the_teacher_do_not_count_for_the_gate(actor, reason):
    settings = config({"teacher": "expert", "actor": actor, "n_epochs": 1}, **{"stages.0.until": 0.01})
    settings = settings.changed({"stages.0.steps": 3_072, "learning.n_envs": 32})
    ended = [event.reason for event in Trainer(settings).run() if isinstance(event, StageFinished)]
    assert ended == [reason]
