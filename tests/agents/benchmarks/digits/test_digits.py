import numpy as np
import pytest

from agents.benchmarks.digits.digits import GAINS, mean_over_seeds, measure


def test_a_quick_run_has_every_figure():
    figures = {figure.name: figure for figure in measure(seeds=1, quick=True)}
    assert {f"{sequence} digits, {name} over naive" for sequence, name in GAINS} <= set(figures)
    assert {"permuted digits, joint", "one stream, in batches, prequential"} <= set(figures)


@pytest.mark.parametrize(("bound", "goal", "holds"), [(0.5, "≥ 0.5", False), (None, "", True)])
def test_a_mean_over_seeds_has_an_interval_and_fails_below_its_bound(bound, goal, holds):
    figure = mean_over_seeds("accuracy", np.array([0.2, 0.4]), bound, "by hand")
    assert (figure.value, figure.goal, figure.holds) == (pytest.approx(0.3), goal, holds)
    assert (figure.low, figure.high) == (pytest.approx(0.2), pytest.approx(0.4))
    assert figure.source == "by hand; 2 seeds"
