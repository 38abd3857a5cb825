import numpy as np
import pytest

from agents.metrics import METRICS, learned, metrics

# Three tasks learned one after another; by hand:
R = np.array(
    [
        [0.1, 0.2, 0.3],  # untrained
        [0.9, 0.3, 0.1],
        [0.5, 0.8, 0.2],
        [0.4, 0.6, 1.0],
    ]
)
OWN = [1, 2, 3]
BY_HAND = {
    "learned": (0.9 + 0.8 + 1.0) / 3,
    "average": (0.4 + 0.6 + 1.0) / 3,
    "forgetting": ((0.9 - 0.4) + (0.8 - 0.6)) / 2,
    "backward": ((0.4 - 0.9) + (0.6 - 0.8)) / 2,
    "forward": ((0.3 - 0.2) + (0.2 - 0.3)) / 2,
}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_metric_equals_the_hand_worked_matrix(metric):
    assert metrics(R, OWN)[metric.key] == pytest.approx(BY_HAND[metric.key], abs=1e-9)


def test_the_first_stage_alone_has_nothing_to_forget():
    result = metrics(R[:2], [1, None, None])
    assert result["learned"] == pytest.approx(0.9)
    assert result["forgetting"] is None


def test_unknown_scores_are_left_out_and_never_become_zero():
    holes = R.copy()
    holes[3, 0] = np.nan
    assert metrics(holes, OWN)["average"] == pytest.approx((0.6 + 1.0) / 2)
    assert learned(holes, [1, None, 3]) == [pytest.approx(0.9), None, pytest.approx(1.0)]
