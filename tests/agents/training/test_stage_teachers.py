"""Stages that are taught: for their whole length or at first, by whoever acts, and the same after any interruption."""

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
        Stage(id=f"s{place}", task="household/go-to", steps=512, teaching=teaching)
        for place, teaching in enumerate(teachings)
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
    told = updates(config({"teacher": "expert", "steps": steps}))
    assert max(event.step for event in told if is_taught(event)) == taught
    assert all(is_taught(event) == (event.step <= taught) for event in told)
    assert all(("policy" in event.terms) == (event.step > taught) for event in told)


def test_who_has_no_teacher_learns_as_ever():
    assert not any(TERMS & event.terms.keys() for event in updates(config({})))


@pytest.mark.parametrize(("acts", "low", "high"), [("student", 0.0, 0.4), ("both", 0.5, 0.95), ("teacher", 1.0, 1.0)])
def test_the_teacher_acts_where_it_is_asked_to(acts, low, high):
    settings = config({"teacher": "expert", "actor": acts, "n_epochs": 1}, **{"learning.n_steps": 32})
    collected = [event.score for event in Trainer(settings).run() if isinstance(event, EpisodeFinished)]
    assert low <= np.mean(collected) <= high


@pytest.mark.parametrize("acts", ["student", "both", "teacher"])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_the_student_comes_closer_to_its_teacher(acts, alpha):
    told = updates(config({"teacher": "expert", "actor": acts, "alpha": alpha}, **{"learning.learning_rate": 5e-3}))
    first, last = (np.mean([event.terms["teacher_kl"] for event in part]) for part in (told[:2], told[-2:]))
    assert last < first


@pytest.mark.parametrize("strategy", ["joint", "replay", "ewc", "adapters", "lwf"])
def test_every_strategy_guards_a_student_too(strategy):
    told = updates(config({"teacher": "expert", "steps": 256}, {"teacher": "expert"}, **{"strategy.name": strategy}))
    assert any(is_taught(event) for event in told if event.index == 1)


def test_under_joint_each_task_has_a_teacher_of_its_own():
    settings = config({"teacher": "expert"}, **{"strategy.name": "joint"})
    other = Stage(id="o", task="household/put-away", steps=64)
    told = updates(settings.model_copy(update={"stages": (*settings.stages, other)}))
    assert all(is_taught(event) for event in told if event.index == 0)


def test_a_student_that_keeps_sentences_is_taught_by_who_sees_the_world_itself():
    told = updates(config({"teacher": "expert"}, **{"knowledge.max_entries": 8}))
    assert all(is_taught(event) for event in told)


def live(trainer, at=None):
    """Live a run; return its updates, what was saved right after number `at`, and how many had been told by then."""
    told, saved = [], None
    for event in trainer.run():
        if isinstance(event, Updated):
            told.append((event.step, dict(event.terms)))
            if len(told) == at:
                plain, arrays = split(trainer.saved())
                saved = join(json.loads(json.dumps(plain)), arrays)
    return told, saved, dict(trainer.state.agent.policy.state_dict())


def test_a_taught_run_goes_on_bit_by_bit_though_its_teacher_is_gone(tmp_path, monkeypatch):
    monkeypatch.setenv("PALIMPSEST_RUNS", str(tmp_path))
    store = RunStore()
    former = start(store, config({}, seed=9))
    assert isinstance(list(former.events)[-1], RunFinished)
    settings = config({"teacher": f"agent:{former.run.id}", "steps": 384})
    told, saved, weights = live(Trainer(settings), at=3)
    store.trash(former.run)
    trainer = Trainer(settings)
    trainer.resume(saved)
    rest, _, again = live(trainer)
    assert rest == told[3:]
    assert all(torch.equal(weights[name], again[name]) for name in weights)


def test_an_inserted_stage_whose_teacher_cannot_be_had_is_refused_in_the_middle_of_a_run():
    trainer, told = Trainer(config({})), []
    wrong = Stage(id="w", task="household/take", steps=64, teaching={"teacher": "agent:nobody"})
    for event in trainer.run():
        told.append(event)
        if isinstance(event, Updated) and event.step == 64:
            trainer.commands.put(EditCurriculum(stages=(*trainer.state.plan.stages, wrong)))
    refused = [event for event in told if isinstance(event, CommandRefused)]
    assert len(refused) == 1
    assert "stages[1].teaching.teacher: 'agent:nobody' can't teach household/take" in str(refused[0].arguments)


def test_a_language_model_teaches_as_it_came(tmp_path):
    pytest.importorskip("transformers")
    from agents.benchmarks.reference.random_models import draw_model

    task = Task(key="household/go-to")
    world = task.make()
    teacher = make_teacher(f"model:{draw_model(tmp_path)}", task, world, torch.device("cpu"))
    probabilities = teacher.probabilities([world, world], [world.reset(seed=0)[0]] * 2)
    assert probabilities.shape == (2, len(world.actions))
    assert probabilities.sum(1) == pytest.approx(1, abs=1e-5)
    assert teacher.state() is None
    told = updates(config({"teacher": f"model:{tmp_path}", "n_epochs": 1, "steps": 64}))
    assert is_taught(told[0])


@pytest.mark.parametrize(("acts", "reason"), [("teacher", "budget"), ("student", "gate")])
def test_no_gate_opens_for_what_the_teacher_scores(acts, reason):
    settings = config({"teacher": "expert", "actor": acts, "n_epochs": 1}, **{"stages.0.until": 0.01})
    settings = settings.changed({"stages.0.steps": 3_072, "learning.n_envs": 32})
    ended = [event.reason for event in Trainer(settings).run() if isinstance(event, StageFinished)]
    assert ended == [reason]
