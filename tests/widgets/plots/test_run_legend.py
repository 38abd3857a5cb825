from itertools import combinations

import pytest
from PySide6.QtCore import Qt

from agents.events import RolledBack
from widgets.plots.run_legend import RunLegend
from widgets.plots.run_styles import run_pen, sample_pen
from widgets.remembering.remembering_panel import RememberingPanel
from widgets.remembering.score_curves import ScoreCurves
from widgets.reward.reward_plot import RewardPlot
from widgets.scene import Scene

NAMES = ("naive", "ewc", "a run with a name that is much longer than there is any room for, seed 17")


@pytest.fixture
def legend(qtbot):
    shown = RunLegend()
    qtbot.addWidget(shown)
    shown.resize(260, 24)
    return shown


@pytest.fixture(params=[RewardPlot, ScoreCurves])
def plot(request, qtbot, story):
    """A plot with three runs laid over the one in front."""
    panel = request.param()
    qtbot.addWidget(panel)
    panel.resize(800, 200)
    panel.show()
    panel.draw(Scene(story=story, overlays=tuple((name, story) for name in NAMES)))
    return panel


def lines(plot):
    return len(plot._overlay_curves._items if isinstance(plot, RewardPlot) else plot._items)


def test_without_other_runs_a_legend_takes_no_room(legend):
    legend.set_runs([])
    assert legend.isHidden()


def test_line_styles_differ_without_hue(dressed):
    """Pattern and lightness differ for every two of the first runs, and the hue stays the task's."""
    for one, other in combinations(range(6), 2):
        pens = run_pen(one, 0), run_pen(other, 0)
        assert pens[0].dashPattern() != pens[1].dashPattern() or pens[0].color() != pens[1].color()
    for one, other in combinations(range(4), 2):
        assert run_pen(one, 0).dashPattern() != run_pen(other, 0).dashPattern()
    hue = run_pen(0, 0).color().hslHue()
    assert all(abs(run_pen(place, 0).color().hslHue() - hue) <= 6 for place in range(6))


def test_the_legend_shows_the_pattern_of_the_plot():
    assert all(sample_pen(place).dashPattern() == run_pen(place, 2).dashPattern() for place in range(9))


def test_a_long_name_is_shown_whole_in_its_tooltip(legend):
    legend.set_runs(NAMES)
    legend.show()
    assert all(chip.width() >= 44 for chip in legend.chips)
    assert legend.chips[2].toolTip().startswith(NAMES[2])
    assert legend.chips[2].accessibleName() == NAMES[2]
    legend.grab()


def test_short_names_are_whole_and_long_ones_give_way(legend):
    legend.set_runs(NAMES)
    legend.show()
    short, shorter, long = legend.chips
    assert [chip.width() for chip in (short, shorter)] == [chip.sizeHint().width() for chip in (short, shorter)]
    assert long.width() < long.sizeHint().width()
    assert sum(chip.width() for chip in legend.chips) < legend.width()


def test_a_click_hides_a_run_and_another_shows_it_again(qtbot, plot):
    before = lines(plot)
    chip = plot.legend.chips[1]
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert lines(plot) < before
    assert [plot.legend.is_shown(place) for place in range(3)] == [True, False, True]
    qtbot.keyClick(chip, Qt.Key.Key_Space)
    assert lines(plot) == before


@pytest.mark.parametrize(("height", "chip"), [(160, 24), (400, 44)])
def test_chips_are_as_high_as_the_plot_has_room_for(plot, height, chip):
    plot.resize(800, height)
    assert {one.height() for one in plot.legend.chips} == {chip}
    assert plot.plot.height() > 2 * chip


def test_a_hidden_run_stays_hidden_when_another_comes(legend):
    legend.set_runs(NAMES[:2])
    legend.chips[0].click()
    legend.set_runs(NAMES)
    assert [legend.is_shown(place) for place in range(3)] == [False, True, True]


@pytest.mark.parametrize("panel", [RewardPlot, RememberingPanel])
def test_a_stage_taken_back_is_marked_at_once(qtbot, story, panel):
    shown = panel()
    qtbot.addWidget(shown)
    shown.resize(600, 700)
    shown.show()
    shown.draw(Scene(story=story))
    backdrop = shown.backdrop if panel is RewardPlot else shown.curves._backdrop
    before = len(backdrop._marks)
    story.fold(RolledBack(step=3_500, index=3, to=3_200, attempt=1))
    shown.draw(Scene(story=story))
    assert len(backdrop._marks) == before + 1
    assert [mark.text for mark in backdrop._marks if mark.is_rollback] == [
        "step 3,500: failed and rolled back to step 3,200, attempt 1"
    ]
    shown.grab()


def test_the_tooltip_has_the_id_under_which_a_run_is_stored(plot, story):
    story.run = "20260101-first"
    plot.legend.set_runs([])
    plot.draw(Scene(story=story, overlays=(("naive", story),)))
    assert plot.legend.chips[0].toolTip().splitlines()[:2] == ["naive", "stored as 20260101-first"]
