"""Single-task experts: each task of a curriculum is trained once, alone, as a reference for comparison."""

from agents.analysis.comparison import ComparedRun, compare
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.config.single_task import single_task_configs
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer
from envs.curriculum import Stage

CONFIG = RunConfig(
    stages=(
        Stage(task="household/go-to", steps=128, strategy={"weight": 2.0}),
        Stage(task="mirror/take", steps=64),
        Stage(task="household/go-to", steps=64),
    ),
    learning=LearningConfig(n_envs=4, n_steps=8),
    evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=32),
).changed({"strategy.name": "replay", "model.name": "mlp"})


def test_each_task_is_learned_once_without_a_strategy_for_its_longest_stage():
    found = list(single_task_configs(CONFIG))
    assert [[(stage.task, stage.steps) for stage in config.stages] for config in found] == [
        [("household/go-to", 128)],
        [("mirror/take", 64)],
    ]
    assert all(config.strategy.name == "naive" and config.model == CONFIG.model for config in found)


def test_a_run_is_compared_with_its_experts(tmp_path):
    def train(config, name):
        run = RunStore(tmp_path).create(config, name)
        list(run.record(Trainer(config).run()))
        return ComparedRun(run.id, run.story())

    experts = [train(config, f"alone {index}") for index, config in enumerate(single_task_configs(CONFIG))]
    assert len(compare([train(CONFIG, "whole")], experts)["groups"]) == 1
