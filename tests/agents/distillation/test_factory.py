"""Every kind of teacher gives probabilities of the task's actions; unsuitable ones are refused in one line."""

import numpy as np
import pytest
import torch

from agents.config import RunConfig
from agents.config.agent import MLPConfig, ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.distillation.factory import make_teacher
from agents.distillation.policy_teacher import restored_teacher
from agents.errors import BadInput
from agents.events import RunFinished, StageFinished, Updated
from agents.policies.factory import policy_from_description
from agents.sharing import agent_file
from agents.store.run_store import RunStore
from agents.training.prepared_run import start
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.household.single_room_expert import best
from envs.task import Task

CPU = torch.device("cpu")
GO, PUT = Task(key="household/go-to"), Task(key="household/put-away")
QUICK = {
    "model": ModelConfig(layers=1, width=16, heads=2),
    "learning": LearningConfig(n_envs=4, n_steps=8),
    "evaluation": EvaluationConfig(n_eval_episodes=2, eval_freq=0),
}


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("PALIMPSEST_RUNS", str(tmp_path / "runs"))
    return RunStore()


def collected(store, **changes):
    stages = (Stage(task="household/open", steps=32), Stage(task="household/go-to", steps=64))
    prepared = start(store, RunConfig(**{**QUICK, "stages": stages, **changes}), name="Earlier")
    assert isinstance(list(prepared.events)[-1], RunFinished)
    return prepared.run


def reset_worlds(task, count=6):
    worlds = [task.make() for _ in range(count)]
    return worlds, [world.reset(seed=seed)[0] for seed, world in enumerate(worlds)]


def test_a_script_is_uniform_over_the_best_actions():
    worlds, texts = reset_worlds(GO, 40)
    probabilities = make_teacher("expert", GO, worlds[0], CPU).probabilities(worlds, texts)
    for row, world in zip(probabilities, worlds, strict=True):
        assert tuple(np.flatnonzero(row)) == best(world)
        assert row[row > 0] == pytest.approx(1 / len(best(world)))


def test_an_earlier_agent_gives_its_policys_probabilities(store):
    run, (worlds, texts) = collected(store), reset_worlds(GO)
    arrays, description, _ = run.checkpoint_at()
    teacher = make_teacher(f"agent:{run.folder}", GO, worlds[0], CPU)
    probabilities = teacher.probabilities(worlds, texts)
    assert probabilities.sum(1) == pytest.approx(1)
    policy = policy_from_description(description)
    policy.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    with torch.no_grad():
        wanted = policy(policy.encode(texts, [1] * len(texts)))[0].probs
    assert probabilities == pytest.approx(wanted[:, : probabilities.shape[1]].numpy(), abs=1e-6)


def test_an_agent_file_teaches_like_the_run_it_was_exported_from(store, tmp_path):
    run, (worlds, texts) = collected(store), reset_worlds(GO)
    path = tmp_path / "agent.palimpsest"
    agent_file.export(run, path)
    of_file, of_run = (make_teacher(f"agent:{name}", GO, worlds[0], CPU) for name in (path, run.id))
    assert of_file.probabilities(worlds, texts) == pytest.approx(of_run.probabilities(worlds, texts), abs=1e-6)


def test_a_plain_network_can_teach(store):
    run, (worlds, texts) = collected(store, model=MLPConfig(layers=1, width=16)), reset_worlds(GO)
    assert make_teacher(f"agent:{run.id}", GO, worlds[0], CPU).probabilities(worlds, texts).sum(1) == pytest.approx(1)


def test_a_stored_teacher_teaches_the_same_after_its_run_was_deleted(store):
    run, (worlds, texts) = collected(store), reset_worlds(GO)
    teacher = make_teacher(f"agent:{run.id}", GO, worlds[0], CPU)
    state, before = teacher.state(), teacher.probabilities(worlds, texts)
    store.trash(run)
    assert (restored_teacher(state, CPU).probabilities(worlds, texts) == before).all()


REFUSED = {
    "no such run": ("agent:nobody", "there is no run 'nobody'"),
    "a folder that is no run": ("agent:{folder}", "there is no run"),
    "no file": ("agent:{folder}/gone.palimpsest", "there is no such file"),
    "other actions": ("agent:{run}", "household/put-away: it has learned no task with the actions north, east"),
    "no model": ("model:{folder}/nothing", "nothing"),
}


@pytest.mark.parametrize(("teacher", "message"), REFUSED.values(), ids=REFUSED)
def test_an_unsuitable_teacher_is_refused_in_one_line_before_a_run_is_created(store, tmp_path, teacher, message):
    run = collected(store)
    name = teacher.format(folder=tmp_path, run=run.id)
    stages = (Stage(task="household/go-to", steps=64), Stage(task=PUT.key, steps=64, teaching={"teacher": name}))
    with pytest.raises(BadInput) as error:
        start(store, RunConfig(**QUICK, stages=stages))
    assert str(error.value).startswith(f"stages[1].teaching.teacher: {name!r} can't teach")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert len(list(store)) == 1


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ({"task": "gym:CartPole-v1", "teaching": {"teacher": "expert"}}, "there is no scripted expert"),
        ({"task": "household/go-to", "teaching": {"teacher": "expret"}}, "did you mean 'expert'"),
        ({"task": "household/go-to", "teaching": {"teacher": "agent: "}}, "unknown teacher"),
        ({"task": "household/words", "kind": "meta", "teaching": {"teacher": "expert"}}, "leave teaching.teacher out"),
    ],
)
def test_a_stage_reports_what_is_wrong_with_its_teacher(stage, message):
    with pytest.raises(ValueError, match=message):
        Stage(**stage)


@pytest.mark.parametrize("name", ["dqn", "random"])
def test_only_algorithms_with_action_probabilities_can_be_taught(name):
    stages = (Stage(task="household/go-to"), Stage(task="household/go-to", teaching={"teacher": "expert"}))
    with pytest.raises(ValueError, match=r"stages\[1\].teaching.teacher.*set algorithm.name = 'ppo'"):
        RunConfig(stages=stages).changed({"algorithm.name": name})


def test_agents_with_other_models_can_be_taught_by_earlier_ones(store):
    run = collected(store)
    stage = Stage(task="household/go-to", steps=64, teaching={"teacher": f"agent:{run.id}"})
    config = RunConfig(**{**QUICK, "model": MLPConfig(layers=1, width=16), "stages": (stage,)})
    events = list(Trainer(config).run())
    assert [event.reason for event in events if isinstance(event, StageFinished)] == ["budget"]
    assert all("teacher_kl" in event.terms for event in events if isinstance(event, Updated))
