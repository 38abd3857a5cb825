import pytest

import resources
from agents.benchmarks.learning import task_sequence
from agents.benchmarks.learning.task_sequence import (
    ARMS,
    HALF,
    NAIVE,
    ComparisonArm,
    expert_runs,
    measure,
    sequence_runs,
    shortened,
)
from agents.config import config_file
from agents.registry import STRATEGIES, names
from agents.store.run_store import RunStore

FEW = (
    ComparisonArm(NAIVE, forgotten=("≥", 0.35)),
    ComparisonArm("replay", {"batch_size": 8}),
    ComparisonArm("ewc", {"samples": 8}, 0.7, ("≤", HALF)),
)
WHOLE = config_file.load(resources.path("benchmarks/sequence.toml"))


@pytest.fixture(scope="module")
def quick():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task_sequence, "ARMS", (*FEW, ComparisonArm("not registered")))
        return measure(quick=True)


def test_the_table_has_four_numbers_per_strategy_and_the_mean_of_the_experts(quick):
    numbers = ("learned", "at the end", "forgetting", "forward transfer")
    rows = [f"{arm.strategy}: {number}" for arm in FEW for number in numbers]
    assert [figure.name for figure in quick.figures] == [*rows, "each task alone: learned"]
    assert {(figure.low, figure.high) for figure in quick.figures} == {(None, None)}  # of one seed


def test_the_curves_begin_untrained_and_end_with_the_sequence(quick):
    assert [series.name for series in quick.charts[0].series] == [arm.strategy for arm in FEW]
    assert all((series.x[0], series.x[-1]) == (0, 512) for series in quick.charts[0].series)


@pytest.mark.parametrize(
    ("arm", "value", "goal", "verdict"),
    [
        (FEW[0], 0.3, "≥ 0.35", "fails"),
        (FEW[0], 0.5, "≥ 0.35", "holds"),
        (FEW[1], 0.04, "≤ 0.05", "holds"),
        (FEW[1], 0.06, "≤ 0.05", "fails"),
        (FEW[2], 0.29, "≤ 0.3", "holds"),
        (FEW[2], 0.31, "≤ 0.3", "fails"),
        (ComparisonArm("joint", forgotten=None), 0.9, "", "reported"),
    ],
)
def test_forgetting_has_a_goal_and_naive_as_control(arm, value, goal, verdict):
    number = {"value": value, "low": value, "high": value, "runs": 3, "method": "t"}
    figure = task_sequence._forgotten(arm, number, {**number, "value": 0.6})
    assert (figure.goal, figure.verdict) == (goal, verdict)
    assert figure.control == (None if arm.strategy == NAIVE else 0.6)


def test_every_arm_is_a_strategy_with_settings_that_it_takes():
    known = names(STRATEGIES)
    requests = list(sequence_runs(WHOLE, [arm for arm in ARMS if arm.strategy in known], seed=3))
    assert {request.config.seed for request in requests} == {3}
    assert all(request.config.stages == WHOLE.stages for request in requests)


def test_an_expert_learns_one_task_as_long_as_the_sequence_does():
    singles = list(expert_runs(WHOLE, seed=1))
    assert [request.config.stages for request in singles] == [(stage,) for stage in WHOLE.stages]
    assert {request.config.strategy.name for request in singles} == {NAIVE}


def test_the_sequence_has_six_stages_of_thirty_thousand_steps_at_most():
    assert len(WHOLE.stages) == 6
    assert max(stage.steps for stage in WHOLE.stages) <= 30_000


def test_its_runs_are_stored_beside_the_others_and_reused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(task_sequence, "ARMS", FEW[:1])
    first = task_sequence._measured(shortened(), 1, 1, tmp_path)
    assert {run.overview()["tags"][0] for run in RunStore(tmp_path)} == {"bench sequence"}
    capsys.readouterr()
    assert task_sequence._measured(shortened(), 1, 1, tmp_path) == first
    assert capsys.readouterr().err.count("already stored") == 3
