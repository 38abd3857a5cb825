import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from widgets.plots.curve import curve, downsample, with_dots
from widgets.plots.plot import Plot

WIDTH, HEIGHT = 480, 240
RED = "#ff0000"
NAN = float("nan")


@pytest.fixture
def plot(qtbot):
    plot = Plot(str)
    qtbot.addWidget(plot)
    plot.resize(WIDTH, HEIGHT)
    plot.show()
    return plot


def columns(plot, left=None, right=None):
    """Which columns of pixels of the plot's inside, as a share of its width, have something red in them."""
    picture = plot.canvas.grab().toImage()
    inside = plot.view.sceneBoundingRect()
    x0, x1 = round(inside.left()), round(inside.right())
    drawn = [any(is_red(picture.pixelColor(x, y)) for y in range(picture.height())) for x in range(x0, x1)]
    return np.asarray(drawn)


def rows(plot):
    """The lowest and the highest red pixel, as shares of the height."""
    picture = plot.canvas.grab().toImage()
    inside = plot.view.sceneBoundingRect()
    red = [y for y in range(picture.height()) if any(is_red(picture.pixelColor(x, y)) for x in range(picture.width()))]
    return [1 - (y - inside.top()) / inside.height() for y in (max(red), min(red))]


def is_red(colour: QColor):
    return colour.red() > 60 and colour.green() < 40 and colour.alpha() > 0


def show(qtbot, plot, x, y):
    item = curve(
        np.asarray(x, float), np.asarray(y, float), pen={"color": RED, "width": 2}, antialias=True, connect="finite"
    )
    plot.add(item)
    plot.view.setYRange(0, 1, padding=0)
    plot.view.setXRange(float(np.min(x)), float(np.max(x)), padding=0)
    qtbot.wait(10)
    return item


@pytest.mark.parametrize("length", [1_000, 30_000, 1_000_000])
def test_a_curve_with_one_gap_in_five_hundred_points_is_drawn_from_end_to_end(qtbot, plot, length):
    y = 0.5 + 0.3 * np.sin(np.linspace(0, 20, length))
    y[::500] = NAN
    item = show(qtbot, plot, np.arange(length), y)
    # where a gap is wider than a pixel it shows
    assert columns(plot).mean() > (0.98 if length > 1_000 else 0.95)
    assert len(item.curve.xData) < 6 * WIDTH


def test_gaps_that_are_wide_enough_to_be_seen_stay_gaps(qtbot, plot):
    y = np.full(1_000_000, 0.5)
    y[300_000:600_000] = NAN
    show(qtbot, plot, np.arange(1_000_000), y)
    drawn = columns(plot)
    size = len(drawn)
    assert drawn[: int(0.29 * size)].all()
    assert not drawn[int(0.31 * size) : int(0.59 * size)].any()
    assert drawn[int(0.61 * size) : size - 1].all()


def test_a_single_value_among_a_million_is_seen_wherever_it_stands(qtbot, plot):
    for place in (0, 777_777, 999_999):
        y = np.full(1_000_000, 0.2)
        y[place] = 0.9
        item = show(qtbot, plot, np.arange(1_000_000), y)
        assert rows(plot) == pytest.approx([0.2, 0.9], abs=0.02)
        plot.remove(item)


def test_values_that_stand_alone_between_gaps_are_dots(qtbot, plot):
    y = np.full(101, NAN)
    y[[10, 50, 90]] = 0.5
    show(qtbot, plot, np.arange(101), y)
    drawn = columns(plot)
    for share in (0.1, 0.5, 0.9):
        place = int(share * len(drawn))
        assert drawn[place - 3 : place + 4].any()
    assert 3 <= drawn.sum() <= 15


def test_unevenly_spread_points_are_drawn_everywhere(qtbot, plot):
    x = np.concatenate([np.linspace(0, 1, 900_000), np.linspace(1, 100, 100_000)[1:]])
    y = np.full(len(x), 0.5)
    y[np.searchsorted(x, 60)] = 0.9  # one value in the part with few points
    show(qtbot, plot, x, y)
    assert columns(plot).mean() > 0.98
    assert rows(plot)[1] == pytest.approx(0.9, abs=0.02)


def test_another_stretch_of_x_shows_its_own_points(qtbot, plot):
    y = np.full(1_000_000, 0.5)
    y[500_000:500_100] = NAN
    show(qtbot, plot, np.arange(1_000_000), y)
    assert columns(plot).mean() > 0.98
    plot.view.setXRange(499_900, 500_200, padding=0)
    qtbot.wait(10)
    assert columns(plot).mean() == pytest.approx(2 / 3, abs=0.03)


values = st.lists(st.one_of(st.just(NAN), st.floats(-10, 10)), min_size=2, max_size=400)


@given(values, st.floats(0.5, 200))
def test_every_column_keeps_its_extremes_its_ends_and_its_gaps(y, pixel):
    y = np.array(y)
    x = np.arange(len(y), dtype=float)
    fewer_x, fewer_y = downsample(x, y, pixel)
    assert np.all(np.diff(fewer_x) >= 0)
    for task_id in np.unique(np.floor(x / pixel)):
        before, after = (part[np.floor(where / pixel) == task_id] for where, part in ((x, y), (fewer_x, fewer_y)))
        known, drawn = before[np.isfinite(before)], after[np.isfinite(after)]
        assert (len(known) == 0) == (len(drawn) == 0)
        if len(known):
            assert (known.min(), known.max(), known[0], known[-1]) == (drawn.min(), drawn.max(), drawn[0], drawn[-1])
        np.testing.assert_array_equal(before[[0, -1]], after[[0, -1]])


def test_points_that_are_alone_are_doubled():
    x, y = with_dots(np.arange(6.0), np.array([1, NAN, 2, 3, NAN, 4]), 0.5)
    np.testing.assert_array_equal(x, [-0.5, 0, 1, 2, 3, 4, 4.5, 5])
    np.testing.assert_array_equal(y, [1, 1, NAN, 2, 3, NAN, 4, 4])


def test_every_plot_of_the_lab_draws_its_lines_so():
    for path in (Path(__file__).parents[3] / "widgets").rglob("*.py"):
        names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        assert path.name == "curve.py" or not names & {"PlotDataItem", "setDownsampling"}, path
