from agents.config import EWCConfig, RunConfig
from app.differences import differences


def test_equal_settings_do_not_differ_whatever_the_title():
    assert differences(RunConfig(name="a"), RunConfig(name="b")) == ""


def test_a_difference_names_the_setting_and_both_values():
    assert differences(RunConfig(), RunConfig(seed=3)) == "seed 3 (0)"


def test_what_only_one_of_them_has_is_a_dash_and_the_rest_is_counted():
    told = differences(
        RunConfig(),
        RunConfig(seed=3, strategy=EWCConfig(strength=7)).changed({"learning.rate": 0.1, "model.layers": 4}),
    )
    assert told == "learning.rate 0.1 (0.001), model.layers 4 (2), seed 3 (0), strategy.name ewc (naive) and 2 more"
