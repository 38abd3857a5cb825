from agents.config import JointConfig, RunConfig
from app.differences import differences


def test_equal_settings_do_not_differ_whatever_the_title():
    assert differences(RunConfig(name="a"), RunConfig(name="b")) == ""


def test_a_difference_names_the_setting_and_both_values():
    assert differences(RunConfig(), RunConfig(seed=3)) == "seed 3 (0)"


def test_of_another_kind_of_part_only_that_is_told_before_everything_else():
    changed = {"learning.rate": 0.1, "algorithm.name": "q_learning", "model.name": "table"}
    told = differences(RunConfig(), RunConfig(strategy=JointConfig()).changed(changed))
    assert told == (
        "algorithm.name q_learning (ppo), model.name table (transformer), strategy.name joint (naive),"
        " learning.rate 0.1 (0.001)"
    )


def test_a_line_stays_a_line():
    changed = {"learning.rate": 0.1, "learning.worlds": 8, "learning.rollout": 8, "model.layers": 4, "seed": 3}
    told = differences(RunConfig(), RunConfig().changed(changed))
    assert (
        told
        == "learning.rate 0.1 (0.001), learning.rollout 8 (32), learning.worlds 8 (64), model.layers 4 (2) and 1 more"
    )
