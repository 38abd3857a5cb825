import pytest

from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import Updated
from agents.state_tree import split
from agents.store.checkpoint_contents import schema_errors
from agents.training.trainer import Trainer
from envs.curriculum import Stage


@pytest.fixture(scope="module")
def saved():
    stages = (Stage(task="turned/go-to", steps=64),)
    learning, evaluation = LearningConfig(n_envs=4, n_steps=4), EvaluationConfig(eval_freq=0, n_eval_episodes=1)
    trainer = Trainer(RunConfig(stages=stages, learning=learning, evaluation=evaluation))
    run = trainer.run()
    next(event for event in run if isinstance(event, Updated))
    return split(trainer.saved())[0]


def test_a_checkpoint_matches_its_schema(saved):
    assert list(schema_errors(saved)) == []
    assert list(schema_errors({**saved, "stage": None})) == []


PARTS = {"": (), "run.": ("run",), "run.plan.": ("run", "plan"), "run.agent.": ("run", "agent"), "stage.": ("stage",)}


@pytest.mark.parametrize("part_path", PARTS)
def test_missing_and_unknown_keys_are_named(saved, part_path):
    def changed(tree, path, change):
        return {**tree, path[0]: changed(tree[path[0]], path[1:], change)} if path else change(tree)

    part = saved
    for key in PARTS[part_path]:
        part = part[key]
    for name in part:
        incomplete = changed(
            saved, PARTS[part_path], lambda tree, name=name: {k: v for k, v in tree.items() if k != name}
        )
        assert list(schema_errors(incomplete)) == [f"{part_path}{name} is missing"]
    assert list(schema_errors(changed(saved, PARTS[part_path], lambda tree: {**tree, "mood": 1}))) == [
        f"{part_path}mood is unknown"
    ]


def test_a_value_that_is_not_a_table_is_named(saved):
    assert list(schema_errors([])) == ["the whole is not a table"]
    assert list(schema_errors({**saved, "run": None})) == ["run is not a table"]
