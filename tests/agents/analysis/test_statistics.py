import numpy as np
import pytest
from scipy import stats

from agents.analysis.statistics import estimate, improvement, interquartile_mean, probability_of_improvement


@pytest.mark.parametrize("shape", [(3, 1), (4, 1), (5, 4), (10, 3), (1, 1), (7, 1)])
def test_the_interquartile_mean_is_scipys_trimmed_mean(shape):
    scores = np.random.default_rng(shape[0]).normal(size=shape)
    assert interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores, 0.25, axis=None), abs=1e-12)


def test_the_interquartile_mean_by_hand():
    scores = np.array([[0.0, 0.9], [0.1, 0.6], [0.4, 1.0], [0.3, 0.5]])
    # sorted: 0.0 0.1 | 0.3 0.4 0.5 0.6 | 0.9 1.0
    assert interquartile_mean(scores) == pytest.approx((0.3 + 0.4 + 0.5 + 0.6) / 4, abs=1e-12)


def test_an_interval_contains_the_value_and_is_empty_for_equal_seeds():
    scores = np.random.default_rng(0).random((6, 4))
    found = estimate(scores)
    assert found.low < found.value < found.high
    same = estimate(np.full((5, 3), 0.7))
    assert (same.low, same.value, same.high) == pytest.approx((0.7, 0.7, 0.7))


def test_tasks_are_resampled_separately():
    """Runs that differ only between tasks are certain: a bootstrap over tasks would not know that."""
    scores = np.array([[0.1, 0.9]] * 5)
    found = estimate(scores)
    assert found.high - found.low == pytest.approx(0.0, abs=1e-12)


def test_an_interval_covers_the_true_mean_as_often_as_its_level():
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(100):
        found = estimate(random.normal(0.5, 0.1, size=(10, 4)))
        covered += found.low <= 0.5 <= found.high
    assert covered >= 85


def test_the_probability_of_improvement_by_hand():
    ours, theirs = np.array([[0.5], [0.9]]), np.array([[0.5], [0.6], [0.7]])
    # 0.5 ties once and loses twice, 0.9 wins thrice
    assert probability_of_improvement(ours, theirs) == pytest.approx(3.5 / 6, abs=1e-12)


def test_the_probability_of_improvement_is_mann_whitneys_statistic():
    random = np.random.default_rng(2)
    ours, theirs = random.random((5, 3)), random.random((4, 3))
    by_scipy = np.mean([stats.mannwhitneyu(ours[:, task], theirs[:, task]).statistic / 20 for task in range(3)])
    assert probability_of_improvement(ours, theirs) == pytest.approx(by_scipy, abs=1e-12)
    found = improvement(ours, theirs)
    assert found.low <= found.value <= found.high
    assert found.value + improvement(theirs, ours).value == pytest.approx(1.0)
