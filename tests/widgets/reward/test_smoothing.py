import numpy as np
import pytest

from widgets.reward.smoothing import Smoother

SPAN = 80_000.0


def reference(x, y, weight):
    """The loop of Weights & Biases' documentation, value by value."""
    strength, last, norm, previous, smoothed = min(np.sqrt(weight), 0.9999), 0.0, 0.0, x[0], []
    for place, value in zip(x, y, strict=True):
        decay = strength ** ((place - previous) / SPAN * 1_000)
        last, norm, previous = last * decay + value, norm * decay + 1, place
        smoothed.append(last / norm)
    return np.array(smoothed)


@pytest.fixture
def points():
    random = np.random.default_rng(0)
    return np.sort(random.integers(0, int(SPAN), 3_000)).astype(float), random.random(3_000)


@pytest.mark.parametrize("weight", [1e-4, 0.1, 0.5, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("piece", [1, 37, 3_000])
def test_smoothing_in_pieces_equals_the_published_loop(points, weight, piece):
    x, y = points
    smoother = Smoother(weight, SPAN)
    pieces = [smoother.extend(x[at : at + piece], y[at : at + piece]) for at in range(0, len(x), piece)]
    np.testing.assert_allclose(np.concatenate(pieces), reference(x, y, weight), atol=1e-10)


def test_without_smoothing_the_curve_is_the_raw_one(points):
    x, y = points
    np.testing.assert_array_equal(Smoother(0.0, SPAN).extend(x, y), y)


def test_a_constant_stays_what_it_is(points):
    x, _ = points
    np.testing.assert_allclose(Smoother(0.95, SPAN).extend(x, np.full_like(x, 0.7)), 0.7)


def test_no_points_give_no_points():
    assert len(Smoother(0.9, SPAN).extend(np.empty(0), np.empty(0))) == 0


@pytest.mark.parametrize("weight", [-0.1, 1.0, 2.0])
def test_a_weight_outside_its_range_is_refused(weight):
    with pytest.raises(ValueError, match="must be in"):
        Smoother(weight, SPAN)
