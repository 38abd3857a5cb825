import numpy as np
import pytest

from envs.gym_worlds.binning import curved_edges, integer_binning, quantile_edges, real_binning
from envs.gym_worlds.phrases import Dimension

SIDED = Dimension(name="cart", sides=("left", "right"), middle="centre", centre=1.0, span=2.0)


def test_sides_are_counted_away_from_the_centre():
    binning = real_binning(SIDED, curved_edges(SIDED, 5))
    phrases = [binning.phrase_for(number) for number in (-9.0, 0.2, 1.0, 1.8, 9.0)]
    assert phrases == [" cart two left", " cart one left", " cart centre", " cart one right", " cart two right"]


def test_an_even_number_of_bins_has_no_middle():
    binning = real_binning(SIDED, curved_edges(SIDED, 2))
    assert [binning.phrase_for(number) for number in (0.9, 1.1)] == [" cart one left", " cart one right"]


@pytest.mark.parametrize("bins", range(2, 26))
def test_edges_are_even_on_both_sides_and_there_is_a_word_for_each_bin(bins):
    edges = curved_edges(SIDED, bins)
    assert len(real_binning(SIDED, edges).phrases) == bins == len(set(real_binning(SIDED, edges).phrases))
    assert np.diff(edges) == pytest.approx(4.0 / bins)
    assert np.add(edges, edges[::-1]) == pytest.approx(2 * SIDED.centre)


def test_a_curve_makes_bins_finer_near_the_centre():
    widths = np.diff(curved_edges(SIDED.model_copy(update={"curve": 2.0}), 9))
    assert widths.argmin() == len(widths) // 2


def test_edges_of_unbounded_numbers_are_the_quantiles_of_random_play():
    samples = np.random.default_rng(0).normal(size=20_000)
    edges = quantile_edges(samples, -np.inf, np.inf, 4)
    assert edges == pytest.approx([-0.6745, 0.0, 0.6745], abs=0.03)  # quartiles of the normal distribution


def test_edges_of_bounded_numbers_lie_half_way_to_even_ones():
    assert quantile_edges(np.zeros(100), -1.0, 1.0, 4) == pytest.approx([-0.25, 0.0, 0.25])


def test_integers_are_written_as_they_are():
    binning = integer_binning(Dimension(name="x1"), 40)
    assert [binning.phrase_for(number) for number in (0, 12, 24, 31)] == [
        " x1 zero",
        " x1 twelve",
        " x1 twenty-four",
        " x1 three one",
    ]
