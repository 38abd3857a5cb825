import numpy as np
import pytest
from scipy import stats

from agents.benchmarks.digits.digits import GAINS, mean_over_seeds, measure


def test_a_quick_run_has_every_figure():
    figures = {figure.name: figure for figure in measure(seeds=1, quick=True)}
    assert {f"{sequence} digits, {name} over naive" for sequence, name in GAINS} <= set(figures)
    assert {"permuted digits, joint", "one stream, in batches, prequential"} <= set(figures)


@pytest.mark.parametrize(
    ("bound", "goal", "holds"), [(0.25, "≥ 0.25", True), (0.26, "≥ 0.26", False), (None, "", True)]
)
def test_a_mean_over_seeds_holds_if_its_interval_does(bound, goal, holds):
    values = np.array([0.28, 0.3, 0.32])
    figure = mean_over_seeds("accuracy", values, bound, "by hand")
    assert (figure.value, figure.goal, figure.holds) == (pytest.approx(0.3), goal, holds)
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert (figure.low, figure.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert figure.source == "by hand; 3 seeds"
