"""The distillation benchmark, by its figures for made-up runs."""

from pathlib import Path

import pytest

from agents.benchmarks.learning.distillation import (
    ARMS,
    JUDGED,
    TASK,
    DistillationRun,
    _arm_figures,
    _small_student_figure,
    _steps_figure,
)
from agents.config.config_file import find_curriculum, load
from envs.teaching import Teaching


def run_with(*scores, gaps=(1.0, 0.1), weights=10):
    steps = [1_000.0 * index for index in range(len(scores))]
    kl = tuple((1_000.0 * index, gap) for index, gap in enumerate(gaps, start=1))
    return DistillationRun(tuple(zip(steps, scores, strict=True)), kl, Path("run"), weights)


def test_a_student_must_need_a_fifth_of_the_steps():
    by_rewards = run_with(*[0.1] * 10, 0.95)
    assert _steps_figure(0, run_with(0.1, 0.5, 0.93), by_rewards, 0.9).holds
    assert not _steps_figure(0, run_with(0.1, 0.5, 0.6, 0.93), by_rewards, 0.9).holds
    assert not _steps_figure(0, run_with(0.1, 0.5, 0.6), by_rewards, 0.9).holds


def test_a_control_that_never_reached_the_goal_counts_with_all_its_steps():
    figure = _steps_figure(0, run_with(0.1, 0.93), run_with(*[0.1] * 6), 0.9)
    assert (figure.value, figure.control, figure.holds) == (1_000, 5_000, True)
    assert "at least" in figure.source


def test_the_gap_to_the_teacher_must_shrink_with_every_seed():
    success, gap = _arm_figures(JUDGED, [run_with(0.1, 0.95), run_with(0.1, 0.95, gaps=(1.0, 0.8))], 0.9)
    assert success.holds
    assert not gap.holds
    assert gap.value == pytest.approx((10 + 1.25) / 2)


def test_a_small_student_has_its_teacher_as_control():
    figure = _small_student_figure([run_with(0.1, 0.8, weights=3)], [run_with(0.1, 0.9)])
    assert (figure.holds, figure.control) == (False, 0.9)


@pytest.mark.parametrize("name", ARMS)
def test_every_arm_has_valid_teaching_options(name):
    assert Teaching(teacher="expert", **ARMS[name]).teacher


def test_the_judged_arm_has_the_default_teaching_options():
    assert Teaching(teacher="expert", **ARMS[JUDGED]) == Teaching(teacher="expert")


def test_the_task_is_the_second_of_the_ladder_curriculum():
    ladder = load(find_curriculum("ladder"))
    assert ladder.stages[1].configured_task == TASK
