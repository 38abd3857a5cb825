import numpy as np
import pytest

from agents.analysis.definitions import FAMILIES, History, forward_transfers, measured
from agents.analysis.learning_curve import LearningCurve
from agents.metrics import metrics

# Three tasks learned one after another; the third improves the second. By hand:
R = np.array(
    [
        [0.1, 0.2, 0.4],  # untrained
        [0.9, 0.3, 0.2],
        [0.5, 0.5, 0.3],
        [0.4, 0.8, 1.0],
    ]
)
OWN = [1, 2, 3]
# Of 100 steps each: linear from 0.2 to 0.8 (area 0.5), 0 then 1 at half time (0.25 + 0.5), flat 0.6.
CURVES = (
    LearningCurve((0, 100), (0.2, 0.8)),
    LearningCurve((0, 50, 100), (0.0, 1.0, 1.0)),
    LearningCurve((0, 100), (0.6, 0.6)),
)
# The expert of the second task was trained twice as long: its first 100 steps count, 0 to 0.5 (area 0.25).
EXPERTS = (
    LearningCurve((0, 100), (0.0, 0.8)),
    LearningCurve((0, 200), (0.0, 1.0)),
    LearningCurve((0, 100), (0.8, 0.8)),
)
AREA = ((0.5 - 0.4) / 0.6 + (0.75 - 0.25) / 0.75 + (0.6 - 0.8) / 0.2) / 3
HISTORY = History(R, OWN, CURVES, EXPERTS)
BY_HAND = {
    "chaudhry": {
        "average": (0.4 + 0.8 + 1.0) / 3,
        "forgetting": ((0.9 - 0.4) + (0.5 - 0.8)) / 2,
        "backward": ((0.4 - 0.9) + (0.8 - 0.5)) / 2,
        "forward": ((0.3 - 0.2) + (0.3 - 0.4)) / 2,
    },
    "gem": {
        "average": (0.4 + 0.8 + 1.0) / 3,
        "forgetting": ((0.9 - 0.4) + (0.8 - 0.8)) / 2,
        "backward": ((0.4 - 0.9) + (0.8 - 0.5)) / 2,
        "forward": ((0.3 - 0.2) + (0.3 - 0.4)) / 2,
    },
    "continual-world": {
        "average": (0.4 + 0.8 + 1.0) / 3,
        "forgetting": ((0.9 - 0.4) + (0.5 - 0.8) + 0.0) / 3,
        "forward": AREA,
    },
    "coom": {
        "average": (0.9 + 0.5 + 0.4 + 0.5 + 0.8 + 1.0) / 6,
        "forgetting": ((0.9 - 0.4) + 0.0) / 2,
        "forward": AREA,
    },
    "cora": {
        "average": (0.4 + 0.8 + 1.0) / 3,
        "forgetting": ((0.9 - 0.5) / 0.9 + (0.5 - 0.4) / 0.9 + (0.5 - 0.8) / 0.8) / 3,
        "forward": ((0.3 - 0.2) / 0.8 + (0.2 - 0.4) / 1.0 + (0.3 - 0.2) / 1.0) / 3,
    },
}
ROWS = [(family.key, row) for family in FAMILIES for row in family.rows]


@pytest.mark.parametrize(("family", "row"), ROWS, ids=lambda part: part if isinstance(part, str) else part.key)
def test_a_definition_equals_the_hand_worked_history(family, row):
    assert row.value(HISTORY) == pytest.approx(BY_HAND[family][row.key], abs=1e-9)


@pytest.mark.parametrize("key", ["average", "forgetting", "backward", "forward"])
def test_the_first_family_is_what_a_run_reports(key):
    assert FAMILIES[0].row(key).value(HISTORY) == pytest.approx(metrics(R, OWN)[key], abs=1e-12)


def mammoth_forgetting(matrix, own):
    """Forgetting as in Mammoth's utils/metrics.py, on rows in the order of the tasks."""
    results = matrix[1:]
    return np.mean([results[:, i].max() - results[-1, i] for i in range(len(results) - 1)])


def coom_forgetting(matrix, own):
    """Forgetting as in COOM's results/common.py: the diagonal minus the last row, clipped."""
    results = matrix[1:]
    return (np.diagonal(results) - results[-1]).clip(0, np.inf)[:-1].mean()


@pytest.mark.parametrize(("key", "theirs"), [("gem", mammoth_forgetting), ("coom", coom_forgetting)])
@pytest.mark.parametrize("seed", range(5))
def test_forgetting_equals_the_published_code(key, theirs, seed):
    matrix = np.random.default_rng(seed).random((6, 5))
    ours = measured(History(matrix, range(1, 6)))[key]["forgetting"]
    assert ours == pytest.approx(theirs(matrix, range(1, 6)), abs=1e-9)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.key)
def test_a_task_learned_again_is_judged_by_its_last_stage(family):
    matrix = np.array([[0.0, 0.0], [1.0, 0.0], [0.2, 1.0], [0.9, 0.6]])
    forgotten = family.row("forgetting").value(History(matrix, [3, 2]))
    assert forgotten == pytest.approx({"continual-world": 0.2}.get(family.key, 0.4), abs=1e-9)


def test_without_experts_there_is_no_area_to_compare_with():
    history = History(R, OWN, CURVES, (None, EXPERTS[1], None))
    assert forward_transfers(history) == [None, pytest.approx(2 / 3), None]
    assert measured(History(R, OWN, CURVES))["coom"]["forward"] is None


def test_an_expert_that_stopped_sooner_is_not_compared_with():
    short = LearningCurve((0, 60), (0.0, 0.8))
    assert forward_transfers(History(R, OWN, CURVES, (short, short, short))) == [None, None, None]


def test_an_untrained_agent_has_forgotten_nothing():
    values = measured(History(R[:1], [None, None, None]))
    assert {row for family in values.values() for row in family.values()} == {None}
    assert measured(History(R[:0], [])) == {}


def test_unknown_scores_are_left_out():
    holes = R.copy()
    holes[3, 0] = np.nan
    values = measured(History(holes, OWN))
    assert values["coom"]["forgetting"] == pytest.approx(0.0)
    assert values["continual-world"]["forgetting"] == pytest.approx((0.5 - 0.8) / 2)


@pytest.mark.parametrize(("level", "steps"), [(0.0, 0), (0.5, 50), (1.0, 50), (1.1, None)])
def test_sample_efficiency_is_the_first_evaluation_at_the_level(level, steps):
    assert CURVES[1].steps_to(level) == steps
