"""The command line reports every defect of a world, and nothing of a world without a defect."""

import pytest

from app.benchmarks.external_worlds import WorldOutcome, by_command
from app.benchmarks.world_defects import CONSTRUCTION_DEFECTS, DEFECTS, plan_world
from envs.gym_worlds.play import random_play


@pytest.fixture(autouse=True)
def _clear_cache():
    random_play.cache_clear()
    yield
    random_play.cache_clear()


def test_every_defect_is_equally_frequent_and_determined_by_the_seed():
    plans = [plan_world(3, index) for index in range(40)]
    assert [plan.defect for plan in plans] == list(DEFECTS) * 4
    assert [(plan.name, plan.step) for plan in plans] == [
        (plan_world(3, i).name, plan_world(3, i).step) for i in range(40)
    ]
    assert {type(plan.space).__name__ for plan in plans} == {"Discrete", "MultiDiscrete", "Tuple", "Box"}
    assert any(plan.step == 0 for plan in plans if plan.defect in CONSTRUCTION_DEFECTS)
    assert not any(plan_world(3, index, is_intact=True).defect for index in range(9))


def test_each_defect_is_reported_with_its_world_and_the_other_stage_is_completed(tmp_path):
    plans = [*(plan_world(7, index) for index in range(len(DEFECTS))), plan_world(7, 0, is_intact=True)]
    for outcome in by_command(plans, tmp_path, patience=8):
        assert outcome.errors == (), outcome
        assert not outcome.is_silent, outcome
        assert outcome.is_other_completed, outcome


@pytest.mark.parametrize(
    ("defect", "messages", "is_silent"),
    [
        ("exit", "Broken: step raised SystemExit: closed", False),
        ("exit", "Broken failed", True),
        ("exit", "another: step raised SystemExit: closed", True),
        ("exit", "", True),
        ("print", "", False),
        ("render", "", False),
        ("", "", False),
        ("", "Broken is odd", True),
    ],
)
def test_messages_must_name_the_world_and_its_defect(defect, messages, is_silent):
    assert WorldOutcome("Broken", defect, "command", messages).is_silent == is_silent
