"""Runs of other policies than a language model: a multilayer perceptron, a table, and the random policy."""

import pytest

from agents.commands import Configure
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import CommandRefused, Evaluated, Fault
from agents.sharing.run_file import export, import_run
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer
from envs.curriculum import Stage

TABLE = {"model.name": "table", "algorithm.name": "q_learning"}


def config(task, steps, changes, every=0):
    return RunConfig(
        stages=(Stage(task=task, steps=steps),),
        learning=LearningConfig(n_envs=8, n_steps=8),
        evaluation=EvaluationConfig(n_eval_episodes=16, eval_freq=every),
    ).changed(changes)


def scores(settings):
    events = list(Trainer(settings).run())
    assert not [event for event in events if isinstance(event, Fault)]
    return [event.scores[0] for event in events if isinstance(event, Evaluated)]


@pytest.mark.parametrize("algorithm", ["q_learning", "sarsa"])
def test_a_table_crosses_the_lake_without_a_fault(algorithm):
    assert scores(config("gym:FirmLake-v1", 10_000, {**TABLE, "algorithm.name": algorithm}))[-1] == 1.0


def test_q_learning_takes_the_shortest_way_along_the_cliff():
    settings = {
        "algorithm.gamma": 1.0,
        "algorithm.exploration_initial_eps": 0.1,
        "algorithm.exploration_final_eps": 0.1,
    }
    assert scores(config("gym:CliffWalking-v1", 20_000, {**TABLE, **settings}))[-1] == 1.0  # a return of -13


def test_dqn_with_a_plain_network_learns_to_go_to_things():
    before, *_, after = scores(config("household/go-to", 4_096, {"model.name": "mlp", "algorithm.name": "dqn"}))
    assert after >= before + 0.4


def test_a_random_policy_scores_as_before_and_has_no_parameters():
    settings = config("household/go-to", 512, {"algorithm.name": "random"})
    before, after = scores(settings)
    assert before == after
    trainer = Trainer(settings)
    list(trainer.run())
    assert not list(trainer.state.agent.policy.parameters())


def test_a_table_under_joint_learns_every_task_in_each_stage():
    stages = tuple(Stage(id=task, task=f"household/{task}", steps=4_096) for task in ("go-to", "open"))
    settings = config("household/go-to", 8, {**TABLE, "strategy.name": "joint"})
    events = list(Trainer(settings.model_copy(update={"stages": stages})).run())
    assert not [event for event in events if isinstance(event, Fault)]
    before, halfway, _ = (event.scores for event in events if isinstance(event, Evaluated))
    assert halfway[1] >= before[1] + 0.4, "the second task, whose stage is yet to come"


@pytest.mark.parametrize("changes", [TABLE, {"model.name": "mlp"}, {"algorithm.name": "random"}])
def test_a_run_of_another_policy_is_exported_and_imported(changes, tmp_path):
    settings = config("household/go-to", 256, changes)
    run = RunStore(tmp_path / "here").create(settings)
    trainer = Trainer(settings)
    trainer.store_in(run)
    list(run.record(trainer.run()))
    export(run, tmp_path / "run.palimpsest")
    imported = import_run(tmp_path / "run.palimpsest", RunStore(tmp_path / "there"))
    assert imported.summary()["steps"] == run.summary()["steps"]


def test_a_running_run_can_not_switch_to_the_random_policy():
    trainer = Trainer(config("household/go-to", 512, {}))
    trainer.commands.put(Configure(changes={"algorithm.name": "random"}))
    refused = [event for event in trainer.run() if isinstance(event, CommandRefused)]
    assert len(refused) == 1
