import numpy as np
import pytest

from agents.benchmarks.digits.digits import GAINS, Judge, measure


def test_a_quick_look_shows_every_figure_and_promises_nothing():
    figures = {figure.name: figure for figure in measure(seeds=1, quick=True)}
    assert {f"{sequence} digits, {name} over naive" for sequence, name in GAINS} <= set(figures)
    assert {"permuted digits, joint", "one stream, in batches, prequential"} <= set(figures)
    assert all(figure.holds and not figure.goal for figure in figures.values())


@pytest.mark.parametrize(("promises", "goal", "holds"), [(True, "≥ 0.5", False), (False, "", True)])
def test_what_misses_its_goal_does_not_hold(promises, goal, holds):
    figure = Judge(promises).figure("accuracy", np.array([0.2, 0.4]), 0.5, "by hand")
    assert (figure.value, figure.goal, figure.holds) == (pytest.approx(0.3), goal, holds)
    assert (figure.low, figure.high) == (pytest.approx(0.2), pytest.approx(0.4))
    assert figure.source == "by hand; 2 seeds"
