"""Every kind of broken promise of a world is told on the command line, and no sound world is."""

import pytest

from app.benchmarks.external_worlds import WorldOutcome, by_command
from app.benchmarks.world_defects import BIRTHS, DEFECTS, planned
from envs.gym_worlds.play import random_play


@pytest.fixture(autouse=True)
def forgotten():
    random_play.cache_clear()
    yield
    random_play.cache_clear()


def test_every_defect_comes_equally_often_and_follows_from_the_seed():
    plans = [planned(3, place) for place in range(40)]
    assert [plan.defect for plan in plans] == list(DEFECTS) * 4
    assert [(plan.name, plan.step) for plan in plans] == [(planned(3, i).name, planned(3, i).step) for i in range(40)]
    assert {type(plan.space).__name__ for plan in plans} == {"Discrete", "MultiDiscrete", "Tuple", "Box"}
    assert any(plan.step == 0 for plan in plans if plan.defect in BIRTHS)
    assert not any(planned(3, place, is_sound=True).defect for place in range(9))


def test_each_broken_promise_is_told_with_its_world_and_the_other_stage_is_lived(tmp_path):
    plans = [*(planned(7, place) for place in range(len(DEFECTS))), planned(7, 0, is_sound=True)]
    for outcome in by_command(plans, tmp_path, patience=8):
        assert outcome.errors == (), outcome
        assert not outcome.is_silent, outcome
        assert outcome.is_other_lived, outcome


@pytest.mark.parametrize(
    ("defect", "said", "is_silent"),
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
def test_what_does_not_name_the_world_and_what_it_did_is_silent(defect, said, is_silent):
    assert WorldOutcome("Broken", defect, "command", said).is_silent == is_silent
