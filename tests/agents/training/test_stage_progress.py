"""A stage ends when it is removed, when its budget is spent, or at its gate; both kinds of stage alike."""

import pytest

from agents.config import RunConfig
from agents.training.run_state import RunState
from agents.training.stage_progress import RUNNING_SCORE, StageProgress
from agents.training.trainer import STAGES
from envs.curriculum import Stage

GATED = Stage(task="household/go-to", steps=1_000, until=0.5)


@pytest.fixture
def progress():
    state = RunState(RunConfig(device="cpu", stages=(GATED,)))
    return StageProgress(state, state.plan.begin(), 0)


def test_it_counts_for_the_stage_and_for_the_run(progress):
    progress._state.step = 300
    progress.advance(40)
    assert (progress.done, progress.left, progress._state.step) == (40, 960, 340)


def test_the_budget_is_spent_when_fewer_steps_are_left_than_one_vector_step(progress):
    progress.advance(990)
    assert progress.reason(10) is None
    assert progress.reason(11) == "budget"


def test_the_gate_opens_on_the_mean_of_enough_episodes(progress):
    progress.scores.extend([1.0] * (RUNNING_SCORE - 1))
    assert progress.reason(8) is None
    progress.scores.append(0.0)
    assert progress.reason(8) == "gate"
    progress.scores.extend([0.0] * RUNNING_SCORE)
    assert progress.reason(8) is None


def test_a_stage_that_the_plan_no_longer_runs_is_cut_and_has_nothing_left(progress):
    progress._state.plan = progress._state.plan.edited(())
    assert not progress.is_running
    assert (progress.reason(8), progress.left) == ("cut", 0)


def test_a_running_stage_may_be_given_more_steps(progress):
    progress.advance(1_000)
    running = progress._state.plan.running
    progress._state.plan = progress._state.plan.edited((running.model_copy(update={"steps": 1_500}),))
    assert (progress.reason(8), progress.left) == (None, 500)


@pytest.mark.parametrize(("kind", "task"), [("task", "household/go-to"), ("meta", "household/words")])
def test_every_kind_of_stage_keeps_its_progress_there(kind, task):
    state = RunState(RunConfig(device="cpu", stages=(Stage(kind=kind, task=task, steps=1_000),)))
    stage = STAGES[kind](state, state.plan.begin(), 0)
    assert (stage.progress.done, stage.progress.left) == (0, 1_000)
