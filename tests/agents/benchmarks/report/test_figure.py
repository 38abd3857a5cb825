from dataclasses import replace

import pytest

from agents.benchmarks.report.figure import Figure, all_of, at_least, at_most, none_of, verdict

PLAIN = Figure("skill", 1.0, "of 1")
HOLDS, FAILS = replace(PLAIN, goal="≥ 1"), replace(PLAIN, goal="≥ 2", holds=False)


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
    ("figures", "expected"),
    [
        ((), "reported"),
        ((PLAIN,), "reported"),
        ((PLAIN, HOLDS), "holds"),
        ((HOLDS, FAILS, PLAIN), "fails"),
    ],
)
def test_one_claim_that_fails_fails_all(figures, expected):
    assert verdict(figures) == expected


@pytest.mark.parametrize(
    ("figure", "goal", "verdict"),
    [
        (at_most("late", 33.0, "ms", 33.0), "≤ 33", "holds"),
        (at_most("late", 33.1, "ms", 33.04, form=".1f"), "≤ 33.0", "fails"),
        (at_most("steps", float("nan"), "steps", 30_000, form=","), "≤ 30,000", "fails"),
        (at_least("success", 0.95, "of 1", 0.95), "≥ 0.95", "holds"),
        (at_least("success", float("nan"), "of 1", 0.95), "≥ 0.95", "fails"),
        (all_of("updates", 3, 3), "3", "holds"),
        (all_of("updates", 2, 3), "3", "fails"),
        (all_of("updates", 0, 0), "0", "fails"),
        (none_of("crashes", 0, "20 people"), "0", "holds"),
        (none_of("crashes", 2, "20 people"), "0", "fails"),
    ],
)
def test_a_claim_has_a_bound_and_a_verdict(figure, goal, verdict):
    assert (figure.goal, figure.verdict) == (goal, verdict)
    assert figure.bound is not None


def test_without_a_bound_a_figure_is_only_reported():
    assert at_least("success", 0.2, "of 1", None) == Figure("success", 0.2, "of 1")
