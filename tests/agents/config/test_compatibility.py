"""Incompatible parts are refused with reason and remedy, or repaired by choosing matching parts."""

import pytest
from pydantic import ValidationError

from agents.config import RunConfig
from agents.config.compatibility import REASONS, incompatibility, incompatibility_in
from agents.config.config_file import changed, parse
from agents.config.error_text import explain
from agents.config.repair import repaired
from agents.errors import BadInput
from envs.curriculum import Stage

INCOMPATIBLE = {
    "an algorithm needs a table": ({"algorithm.name": "q_learning"}, "model.name = 'table'"),
    "a table has no gradients": ({"model.name": "table"}, "algorithm.name = 'q_learning'"),
    "a table forgets nothing": (
        {"model.name": "table", "algorithm.name": "sarsa", "strategy.name": "ewc"},
        "strategy.name = 'naive'",
    ),
    "a random policy learns nothing": (
        {"algorithm.name": "random", "strategy.name": "replay"},
        "strategy.name = 'naive'",
    ),
}


@pytest.mark.parametrize(("changes", "remedy"), INCOMPATIBLE.values(), ids=INCOMPATIBLE)
def test_what_cannot_be_combined_names_the_key_and_the_remedy(changes, remedy):
    with pytest.raises(BadInput) as error:
        changed(RunConfig(), changes)
    assert str(error.value).partition(":")[0].endswith(".name")
    assert remedy in str(error.value)
    assert "\n" not in str(error.value)


def test_a_stage_that_meta_learns_needs_a_policy_gradient():
    stages = (Stage(task="household/words", kind="meta"),)
    assert incompatibility(RunConfig(stages=stages)) is None
    with pytest.raises(ValidationError, match="ppo"):
        RunConfig(stages=stages).changed({"algorithm.name": "dqn"})


@pytest.mark.parametrize("name", ["q_learning", "sarsa", "dqn", "random", "ppo"])
@pytest.mark.parametrize("model", ["transformer", "mlp", "table"])
def test_choosing_any_algorithm_chooses_a_matching_model(model, name):
    before, _ = repaired(RunConfig(), {"model.name": model})
    config, changes = repaired(before, {"algorithm.name": name})
    assert config.algorithm.name == name
    assert config == before.changed(changes)


def test_an_incompatibility_has_a_template_for_translation():
    with pytest.raises(ValidationError) as error:
        RunConfig().changed({"algorithm.name": "sarsa"})
    problem = incompatibility_in(error.value)
    assert problem.reason in REASONS
    assert problem.arguments == {"algorithm": "sarsa", "model": "transformer"}
    assert str(problem) == explain(error.value)


def test_a_wrong_value_is_no_incompatibility():
    with pytest.raises(ValidationError) as error:
        RunConfig().changed({"model.width": 3})
    assert incompatibility_in(error.value) is None


@pytest.mark.parametrize("algorithm", ["q_learning", "sarsa"])
def test_a_table_can_learn_all_tasks_at_once(algorithm):
    config = RunConfig().changed({"algorithm.name": algorithm, "model.name": "table", "strategy.name": "joint"})
    assert incompatibility(config) is None


def test_a_wrong_value_is_not_repaired_by_another_part():
    with pytest.raises(ValidationError):
        repaired(RunConfig(), {"model.width": 3})


def test_a_file_that_names_no_model_means_a_transformer():
    assert parse("[model]\nwidth = 32\n").model == RunConfig().changed({"model.width": 32}).model


@pytest.mark.parametrize(
    "changes", [{"algorithm.name": "dqn"}, {"strategy.name": "ewc+clear"}, {"stages.1.task": "gym:CartPole-v1"}]
)
def test_parts_that_cannot_train_a_writer_of_instructions_are_refused(changes):
    stages = (Stage(task="household/fetch"), Stage(task="household/store"))
    writing = RunConfig(stages=stages).changed({"instructions.writer": "learned"})
    assert incompatibility(writing) is None
    with pytest.raises(BadInput, match=r"instructions\.writer = 'none'"):
        changed(writing, changes)
