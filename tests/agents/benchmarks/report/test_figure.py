from dataclasses import replace

import pytest

from agents.benchmarks.report.figure import Figure, verdict

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
