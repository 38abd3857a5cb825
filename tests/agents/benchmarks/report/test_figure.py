from dataclasses import replace

import pytest

from agents.benchmarks.report.figure import Figure, at_least, at_most, none_of, verdict

PLAIN = Figure("skill", 1.0, "of 1")
KEPT, BROKEN = replace(PLAIN, goal="≥ 1"), replace(PLAIN, goal="≥ 2", holds=False)


@pytest.mark.parametrize(
    ("goal", "bound"),
    [
        ("", None),
        ("≥ 0.95", ("≥", 0.95)),
        ("≤ 30,000", ("≤", 30_000.0)),
        ("= -13", ("=", -13.0)),
        ("20", ("=", 20.0)),
        ("half of naive's", None),
        ("> 0.001", (">", 0.001)),
        (f"≤ {1e-6:g}", ("≤", 1e-6)),
    ],
)
def test_a_goal_is_a_comparison_with_a_number(goal, bound):
    assert replace(PLAIN, goal=goal).bound == bound


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((), "reported"),
        ((PLAIN,), "reported"),
        ((PLAIN, KEPT), "holds"),
        ((KEPT, BROKEN, PLAIN), "fails"),
    ],
)
def test_one_claim_that_fails_fails_all(figures, said):
    assert verdict(figures) == said


@pytest.mark.parametrize(
    ("figure", "goal", "verdict"),
    [
        (at_most("late", 33.0, "ms", 33.0), "≤ 33", "holds"),
        (at_most("late", 33.1, "ms", 33.04, form=".1f"), "≤ 33.0", "fails"),
        (at_most("steps", float("nan"), "steps", 30_000, form=","), "≤ 30,000", "fails"),
        (at_least("success", 0.95, "of 1", 0.95), "≥ 0.95", "holds"),
        (at_least("success", float("nan"), "of 1", 0.95), "≥ 0.95", "fails"),
        (none_of("crashes", 0, "20 people"), "0", "holds"),
        (none_of("crashes", 2, "20 people"), "0", "fails"),
    ],
)
def test_a_claim_says_its_bound_and_whether_it_is_kept(figure, goal, verdict):
    assert (figure.goal, figure.verdict) == (goal, verdict)
    assert figure.bound is not None
