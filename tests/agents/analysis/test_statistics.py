import numpy as np
import pytest
from scipy import stats

from agents.analysis.statistics import (
    FEW,
    band,
    difference,
    improvement,
    interquartile_estimate,
    interquartile_mean,
    mean_over_runs,
    paired_difference,
    probability_of_improvement,
    restricted_mean,
)


def normal(seed, runs, share=0.5, mean=0.5):
    """Scores of six tasks; `share` of the variance is the run's own."""
    rng = np.random.default_rng(seed)
    own, rest = rng.normal(size=(runs, 1)), rng.normal(size=(runs, 6))
    return mean + 0.1 * (np.sqrt(share) * own + np.sqrt(1 - share) * rest)


@pytest.mark.parametrize("shape", [(3, 1), (4, 1), (5, 4), (10, 3), (1, 1), (7, 1)])
def test_the_interquartile_mean_is_scipys_trimmed_mean(shape):
    scores = np.random.default_rng(shape[0]).normal(size=shape)
    assert interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores, 0.25, axis=None), abs=1e-12)


def test_the_interquartile_mean_by_hand():
    scores = np.array([[0.0, 0.9], [0.1, 0.6], [0.4, 1.0], [0.3, 0.5]])
    # sorted: 0.0 0.1 | 0.3 0.4 0.5 0.6 | 0.9 1.0
    assert interquartile_mean(scores) == pytest.approx((0.3 + 0.4 + 0.5 + 0.6) / 4, abs=1e-12)


def test_of_fewer_than_ten_numbers_no_interquartile_mean_is_offered():
    assert interquartile_estimate(normal(0, 3)[:, :3]) is None
    assert interquartile_estimate(normal(0, 5)[:, :2]) is not None


@pytest.mark.parametrize("runs", [2, 3, 5, 10])
def test_few_runs_have_the_t_interval_of_their_means(runs):
    scores = normal(runs, runs)
    expected = stats.ttest_1samp(scores.mean(axis=1), 0.0).confidence_interval(0.95)
    found = mean_over_runs(scores)
    assert (found.low, found.high, found.method) == (pytest.approx(expected.low), pytest.approx(expected.high), "t")


def test_paired_runs_have_the_t_interval_of_their_differences():
    ours, theirs = normal(0, 5), normal(1, 5)
    expected = stats.ttest_rel(ours.mean(axis=1), theirs.mean(axis=1)).confidence_interval(0.95)
    found = paired_difference(ours, theirs)
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    with pytest.raises(ValueError, match=r"one shape, got \(5, 6\) and \(4, 6\)"):
        paired_difference(ours, theirs[:4])


def test_independent_runs_have_welchs_interval():
    ours, theirs = normal(0, 5), normal(1, 3, mean=0.3)
    pair = (scores.mean(axis=1) for scores in (ours, theirs))
    expected = stats.ttest_ind(*pair, equal_var=False).confidence_interval(0.95)
    found = difference(ours, theirs)
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_one_run_has_no_interval():
    one = normal(0, 1)
    for found in (mean_over_runs(one), difference(one, normal(1, 5)), improvement(one, normal(1, 5))):
        assert (found.low, found.high, found.method) == (None, None, "one run")
    assert not mean_over_runs(one - one).is_within(0.1)


@pytest.mark.parametrize("runs", [FEW + 1, 30])
def test_many_runs_have_an_interval_like_that_of_scipys_bootstrap(runs):
    scores = normal(runs, runs)
    found = mean_over_runs(scores)
    theirs = stats.bootstrap((scores.mean(axis=1),), np.mean, rng=0, method="BCa").confidence_interval
    width = theirs.high - theirs.low
    assert found.method == "bootstrap"
    assert (found.low, found.high) == (
        pytest.approx(theirs.low, abs=0.25 * width),
        pytest.approx(theirs.high, abs=0.25 * width),
    )


@pytest.mark.parametrize("runs", [3, 5, 10, 15])
@pytest.mark.parametrize("share", [0.0, 0.64])
def test_an_interval_covers_the_truth_as_often_as_it_says(runs, share):
    covered = 0
    for seed in range(400):
        found = mean_over_runs(normal([runs, seed], runs, share))
        covered += found.low <= 0.5 <= found.high
    assert 0.91 <= covered / 400 <= 0.98


def test_what_a_run_has_in_common_with_itself_widens_the_interval():
    """Cells resampled on their own would not know that all tasks of a run fail together."""
    alike, apart = (mean_over_runs(normal(3, 5, share)) for share in (0.9, 0.0))
    assert alike.high - alike.low > 1.5 * (apart.high - apart.low)


def test_a_claim_holds_only_if_its_interval_does():
    found = mean_over_runs(np.array([[0.7], [0.8], [0.9]]))
    assert found.value == pytest.approx(0.8)
    assert found.is_at_least(0.5)
    assert not found.is_at_least(0.75)
    assert found.is_at_most(1.1)
    assert not found.is_at_most(0.85)


def test_equivalence_needs_an_interval_inside_the_margin():
    narrow, wide = (mean_over_runs(scale * np.array([[-1.0], [0.5], [1.0]])) for scale in (0.001, 1.0))
    assert narrow.is_within(0.03)
    assert wide.low < 0 < wide.high
    assert not wide.is_within(0.03)


def test_a_run_that_never_reached_a_level_counts_with_the_horizon():
    found = restricted_mean([100, None, 500], horizon=400)
    assert found.value == pytest.approx((100 + 400 + 400) / 3)


def test_a_band_is_the_interval_at_every_point():
    runs = normal(4, 5)
    low, high = band(runs)
    points = [mean_over_runs(column) for column in runs.T]
    assert low == pytest.approx([point.low for point in points])
    assert high == pytest.approx([point.high for point in points])
    assert np.array_equal(band(runs[:1]), (runs[0], runs[0]))


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
