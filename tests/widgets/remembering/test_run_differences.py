import pytest

from agents.commands import Configure
from agents.config import RunConfig
from agents.config.strategies import JointConfig
from agents.config.strategy_pair import choice
from agents.events import CommandApplied, RunStarted
from agents.registry import STRATEGIES, names
from agents.story import Story
from envs.curriculum import Stage
from widgets.remembering.run_differences import differences

STAGES = (Stage(id="a", task="household/go-to", steps=100), Stage(id="b", task="mirror/go-to", steps=100))


def run(config=None, **changes):
    config = (config or RunConfig(stages=STAGES)).changed(changes)
    return Story([RunStarted(step=0, config=config)])


def test_runs_of_equal_settings_do_not_differ_whatever_their_title():
    assert differences(run(), run(RunConfig(name="b", stages=STAGES))) == "the same settings and tasks"


def test_a_difference_names_the_setting_and_both_values():
    assert differences(run(), run(seed=3)) == "seed 3 instead of 0"
    assert differences(run(), run(**{"learning.learning_rate": 0.1})) == "learning rate 0.1 instead of 0.001"


@pytest.mark.parametrize("strategy", [name for name in names(STRATEGIES) if name != "naive"])
def test_strategies_are_named_by_their_titles(language, strategy):
    text = differences(run(), run(**choice(names(STRATEGIES)[strategy]())))
    assert ".name" not in text
    assert "_" not in text
    assert "=" not in text


def test_of_a_part_of_another_kind_only_the_kind_is_named_and_first():
    changed = {"learning.learning_rate": 0.1, "algorithm.name": "q_learning", "model.name": "table"}
    text = differences(run(), run(RunConfig(strategy=JointConfig(), stages=STAGES), **changed))
    assert text == (
        "algorithm Q-learning instead of PPO, model Table instead of Transformer, strategy Joint instead of Naive,"
        " learning rate 0.1 instead of 0.001"
    )


def test_the_sentence_stays_one():
    changed = {"learning.learning_rate": 0.1, "learning.n_envs": 8, "learning.n_steps": 8, "model.layers": 4, "seed": 3}
    assert differences(run(), run(**changed)).endswith("model layers 4 instead of 2, 1 more")


def test_changes_during_a_run_count():
    other = run()
    other.fold(CommandApplied(step=10, command=Configure(changes={"strategy.name": "replay"})))
    assert differences(run(), other) == "strategy Replay instead of Naive"


def test_a_fork_is_the_same_run_up_to_where_it_left():
    front, fork = run(), run(seed=0, **{"strategy.name": "ewc"})
    front.run, fork.run, fork.parent = "first", "second", ("first", 50_000)
    assert differences(front, fork) == "the same run up to step 50,000, strategy EWC instead of Naive"


@pytest.mark.parametrize(
    ("stages", "text"),
    [
        (STAGES[::-1], "tasks in another order"),
        (STAGES[:1], "other tasks or budgets"),
        ((STAGES[0], STAGES[1].model_copy(update={"steps": 200})), "other tasks or budgets"),
    ],
)
def test_another_curriculum_is_a_difference(stages, text):
    assert differences(run(), run(RunConfig(stages=stages))) == text
