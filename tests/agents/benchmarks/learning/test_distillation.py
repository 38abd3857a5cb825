"""The benchmark of distillation, by what it says of lives that were made up."""

from pathlib import Path

import pytest

from agents.benchmarks.learning import distillation as distil
from agents.benchmarks.learning.distillation import ARMS, JUDGED, DistillationRun, _arm, _handed_on, _ratio
from agents.config.config_file import find_curriculum, load
from envs.teaching import Teaching


def life(*scores, gaps=(1.0, 0.1), weights=10):
    steps = [1_000.0 * place for place in range(len(scores))]
    closing = tuple((1_000.0 * place, gap) for place, gap in enumerate(gaps, start=1))
    return DistillationRun(tuple(zip(steps, scores, strict=True)), closing, Path("run"), weights)


def test_a_student_must_need_a_fifth_of_the_steps():
    alone = life(*[0.1] * 10, 0.95)
    assert _ratio(0, life(0.1, 0.5, 0.93), alone, 0.9).holds
    assert not _ratio(0, life(0.1, 0.5, 0.6, 0.93), alone, 0.9).holds
    assert not _ratio(0, life(0.1, 0.5, 0.6), alone, 0.9).holds


def test_who_never_got_there_by_rewards_counts_with_all_that_it_lived():
    figure = _ratio(0, life(0.1, 0.93), life(*[0.1] * 6), 0.9)
    assert (figure.value, figure.control, figure.holds) == (1_000, 5_000, True)
    assert "at least" in figure.source


def test_every_seed_must_come_closer_to_its_teacher():
    success, gap = _arm(JUDGED, [life(0.1, 0.95), life(0.1, 0.95, gaps=(1.0, 0.8))], 0.9)
    assert success.holds
    assert not gap.holds
    assert gap.value == pytest.approx((10 + 1.25) / 2)


def test_a_small_student_is_measured_by_its_teacher():
    figure = _handed_on([life(0.1, 0.8, weights=3)], [life(0.1, 0.9)])
    assert (figure.holds, figure.control) == (False, 0.9)


@pytest.mark.parametrize("name", ARMS)
def test_every_student_is_one_that_a_curriculum_can_ask_for(name):
    assert Teaching(teacher="expert", **ARMS[name]).teacher


def test_the_judged_student_is_taught_as_a_stage_is_by_default():
    assert Teaching(teacher="expert", **ARMS[JUDGED]) == Teaching(teacher="expert")


def test_both_learn_the_second_rung_of_the_ladder():
    ladder = load(find_curriculum("ladder"))
    assert ladder.stages[1].configured_task == distil.RUNG
