import pytest

import resources
from agents.benchmarks.learning import task_sequence
from agents.benchmarks.learning.task_sequence import (
    ARMS,
    HALF,
    NAIVE,
    ComparisonArm,
    experts,
    in_a_row,
    measure,
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
        patch.setattr(task_sequence, "ARMS", (*FEW, ComparisonArm("not there yet")))
        return measure(quick=True)


def test_the_table_has_four_numbers_of_each_strategy_and_the_experts(quick):
    numbers = ("learned", "at the end", "forgetting", "forward transfer")
    rows = [f"{arm.strategy}: {number}" for arm in FEW for number in numbers]
    assert [figure.name for figure in quick.figures] == [*rows, "each task alone: learned"]
    assert all(figure.low <= figure.value <= figure.high for figure in quick.figures[:-1])


def test_a_quick_look_promises_nothing(quick):
    assert {figure.verdict for figure in quick.figures} == {"reported"}


def test_the_curves_begin_untrained_and_go_to_the_end(quick):
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
def test_what_may_be_forgotten_is_promised_beside_naive(arm, value, goal, verdict):
    number = {"value": value, "low": value, "high": value, "runs": 3}
    figure = task_sequence._forgotten(arm, number, {**number, "value": 0.6})
    assert (figure.goal, figure.verdict) == (goal, verdict)
    assert figure.control == (None if arm.strategy == NAIVE else 0.6)


def test_every_arm_is_a_strategy_with_settings_that_it_takes():
    known = names(STRATEGIES)
    lives = list(in_a_row(WHOLE, [arm for arm in ARMS if arm.strategy in known], seed=3))
    assert {life.config.seed for life in lives} == {3}
    assert all(life.config.stages == WHOLE.stages for life in lives)


def test_an_expert_learns_one_task_as_long_as_the_sequence_does():
    singles = list(experts(WHOLE, seed=1))
    assert [life.config.stages for life in singles] == [(stage,) for stage in WHOLE.stages]
    assert {life.config.strategy.name for life in singles} == {NAIVE}


def test_the_sequence_has_six_stages_of_thirty_thousand_steps_at_most():
    assert len(WHOLE.stages) == 6
    assert max(stage.steps for stage in WHOLE.stages) <= 30_000


def test_its_runs_lie_beside_the_others_and_are_found_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(task_sequence, "ARMS", FEW[:1])
    first = task_sequence._measured(shortened(), 1, 1, tmp_path)
    assert {run.overview()["tags"][0] for run in RunStore(tmp_path)} == {"bench sequence"}
    capsys.readouterr()
    assert task_sequence._measured(shortened(), 1, 1, tmp_path) == first
    assert capsys.readouterr().err.count("was lived before") == 3
