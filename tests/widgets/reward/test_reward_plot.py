import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetrics

from agents.config import RunConfig
from agents.events import EpisodeFinished, RunStarted, StageStarted, TasksChanged
from agents.story import Story
from envs.curriculum import Stage
from widgets.plots.stage_extents import extents
from widgets.reward import episode_curves
from widgets.reward.episode_series import EpisodeSeries
from widgets.reward.reward_controls import WEIGHTS
from widgets.reward.reward_plot import RewardPlot
from widgets.scene import Scene
from widgets.style import theme


@pytest.fixture
def panel(qtbot):
    shown = RewardPlot()
    qtbot.addWidget(shown)
    shown.resize(900, 200)
    shown.show()
    return shown


def pieces(panel):
    return panel.curves._pieces


def test_before_a_run_a_note_explains_the_panel(panel):
    panel.draw(Scene())
    assert not panel.plot.isVisible()


def test_every_stage_is_drawn_in_its_place(panel, story):
    panel.draw(Scene(story=story, state="running"))
    assert panel.plot.isVisible()
    spans = [(piece.raw.getData()[0][0], piece.raw.getData()[0][-1]) for piece in pieces(panel)]
    assert spans == [(0, 995), (1_000, 1_995), (2_000, 2_995), (3_000, 3_495)]


def test_the_smoothed_curve_does_not_cross_a_stages_border(panel, story):
    panel.draw(Scene(story=story))
    first = [piece.smooth.getData()[1][0] for piece in pieces(panel)]
    scores = story.episodes["score"]
    assert first == [scores[np.searchsorted(story.episodes["step"], step)] for step in (0, 1_000, 2_000, 3_000)]


def test_the_axis_reaches_to_the_end_of_the_plan(panel, story):
    panel.draw(Scene(story=story, state="running"))
    assert panel.plot.view.viewRange()[0] == pytest.approx([0, 4_000])
    assert [(one.start, one.end, one.planned) for one in extents(story.until(1_500), {})] == [
        (0, 1_000, False),
        (1_000, 2_000, False),
        (2_000, 3_000, True),
        (3_000, 4_000, True),
    ]


def test_an_unchanged_scene_costs_nothing(panel, story, monkeypatch):
    panel.draw(Scene(story=story, state="running"))
    monkeypatch.setattr(panel, "_update", lambda *_, **__: pytest.fail("drawn again"))
    for _ in range(3):
        panel.draw(Scene(story=story, state="running"))


def test_a_new_episode_touches_only_the_last_piece(panel, story):
    panel.draw(Scene(story=story, state="running"))
    before = [piece.raw.getData()[0] for piece in pieces(panel)]
    story.fold(EpisodeFinished(step=3_500, index=3, task_id=3, reward=1.0, score=1.0, length=5))
    panel.draw(Scene(story=story, state="running"))
    after = [piece.raw.getData()[0] for piece in pieces(panel)]
    assert [old is new for old, new in zip(before, after, strict=True)] == [True, True, True, False]
    assert after[-1][-1] == 3_500


def test_growing_step_by_step_is_the_same_picture_as_all_at_once(qtbot, panel, monkeypatch):
    monkeypatch.setattr(episode_curves, "CHUNK", 16)
    stage = Stage(id="a", task="household/go-to", steps=1_000)
    begun = RunStarted(step=0, config=RunConfig(stages=(stage,)))
    grown = Story([begun, TasksChanged(step=0, tasks=(stage.configured_task,))])
    grown.fold(StageStarted(step=0, index=0, task_id=0, stage=stage))
    random = np.random.default_rng(0)
    for step in range(100):
        grown.fold(EpisodeFinished(step=step, index=0, task_id=0, reward=0.0, score=float(random.random()), length=1))
        if step % 7 == 0:
            panel.draw(Scene(story=grown))
    panel.draw(Scene(story=grown))
    fresh = RewardPlot()
    qtbot.addWidget(fresh)
    fresh.draw(Scene(story=grown))
    for grew, new in zip(pieces(panel), pieces(fresh), strict=True):
        for one, other in zip(
            (*grew.raw.getOriginalDataset(), *grew.smooth.getOriginalDataset()),
            (*new.raw.getOriginalDataset(), *new.smooth.getOriginalDataset()),
            strict=True,
        ):
            np.testing.assert_allclose(one, other)


def test_episodes_that_ended_together_are_one_raw_value(panel, story):
    for score in (0.0, 1.0, 0.5):
        story.fold(EpisodeFinished(step=3_600, index=3, task_id=3, reward=0.0, score=score, length=5))
    panel.draw(Scene(story=story))
    x, y = pieces(panel)[-1].raw.getOriginalDataset()
    assert (x[-1], y[-1]) == (3_600, 0.5)
    assert x[-2] < 3_600


@pytest.mark.parametrize(("unit", "end"), [(0, 3_495), (1, 700), (2, 34.95)])
def test_the_axis_counts_steps_episodes_or_time(qtbot, panel, story, unit, end):
    panel.draw(Scene(story=story))
    panel.controls.unit.setCurrentIndex(unit)
    qtbot.waitUntil(lambda: pieces(panel)[-1].raw.getOriginalDataset()[0][-1] == pytest.approx(end))


def test_reward_is_drawn_in_its_own_range(qtbot, panel, story):
    panel.draw(Scene(story=story))
    assert panel.plot.view.viewRange()[1] == pytest.approx([-0.04, 1.04])
    panel.controls.quantity.setCurrentIndex(1)
    qtbot.waitUntil(lambda: panel.plot.view.viewRange()[1][1] > 90)


def test_a_logarithmic_axis_still_shows_losses(qtbot, panel, story):
    panel.draw(Scene(story=story))
    panel.controls.quantity.setCurrentIndex(1)
    panel.controls.logarithmic.setChecked(True)
    qtbot.waitUntil(lambda: panel._choice.logarithmic)
    assert panel.plot.view.viewRange()[1][1] < 3
    values = pieces(panel)[0].raw.getOriginalDataset()[1]
    assert values.min() < 0
    assert np.isfinite(values).all()
    assert panel.plot.y_axis.tick(2.0) == "99"


def test_the_smoothing_slider_smooths(qtbot, panel, story):
    panel.draw(Scene(story=story))
    panel.controls.smoothing.setValue(0)
    qtbot.waitUntil(lambda: panel._choice.weight == WEIGHTS[0])
    for piece in pieces(panel):
        np.testing.assert_array_equal(piece.raw.getOriginalDataset()[1], piece.smooth.getOriginalDataset()[1])


def test_raw_values_can_be_put_away(qtbot, panel, story):
    panel.draw(Scene(story=story))
    panel.controls.raw.setChecked(False)
    qtbot.waitUntil(lambda: not any(piece.raw.isVisible() for piece in pieces(panel)))


def test_live_edits_are_marked_and_pausing_is_not(panel, story):
    panel.draw(Scene(story=story))
    assert [(mark.x, mark.text) for mark in panel._marks] == [
        (1_000, "step 1,000: curriculum edited"),
        (2_000, "step 2,000: settings changed: strategy.name = replay"),
    ]


def test_what_lies_after_the_playhead_is_dimmed(panel, story):
    panel.draw(Scene(story=story, playhead=1_500))
    assert panel.backdrop._shade.isVisible()
    assert panel.backdrop._shade.getRegion()[0] == 1_500
    panel.draw(Scene(story=story))
    assert not panel.backdrop._shade.isVisible()


def test_the_crosshair_reads_out_every_run(panel, story):
    panel.draw(Scene(story=story, overlays=(("ewc", story),)))
    panel.crosshair.move_to(1_900.0)
    row = int(np.searchsorted(story.episodes["step"], 1_900))
    text = panel.crosshair.card.text()
    assert "step 1,900" in text
    assert f"raw {story.episodes['score'][row]:.2f}" in text
    assert "Balance the pole" in text
    assert "‘ewc’" in text
    assert "settings changed" not in text
    panel.crosshair.move_to(2_001.0)
    assert "settings changed" in panel.crosshair.card.text()


def test_the_crosshair_names_what_is_still_to_come(panel, story):
    panel.draw(Scene(story=story, state="running"))
    panel.crosshair.move_to(3_900.0)
    assert "still to come: Put away" in panel.crosshair.card.text()


def test_the_crosshair_can_be_moved_by_keys(qtbot, panel, story):
    panel.draw(Scene(story=story))
    panel.crosshair.move_to(1_000.0)
    qtbot.keyClick(panel.plot.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert panel.crosshair.x == pytest.approx(1_040)
    qtbot.keyClick(panel.plot.canvas, Qt.Key.Key_Escape)
    assert panel.crosshair.x is None


def test_the_crosshair_follows_the_pointer_and_leaves_with_it(qtbot, panel, story):
    panel.draw(Scene(story=story))
    panel.crosshair._follow((panel.plot.view.mapViewToScene(QPointF(500, 0.5)),))
    assert panel.crosshair.x == pytest.approx(500, abs=5)
    panel.crosshair._follow((QPointF(-5, -5),))
    assert panel.crosshair.x is None


def test_another_run_lies_over_in_the_colours_of_shared_tasks(panel, story):
    stage = Stage(id="x", task="mirror/go-to", steps=500)
    begun = RunStarted(step=0, config=RunConfig(stages=(stage,)))
    other = Story([begun, TasksChanged(step=0, tasks=(stage.configured_task,))])
    other.fold(StageStarted(step=0, index=0, task_id=0, stage=stage))
    other.fold(EpisodeFinished(step=4, index=0, task_id=0, reward=0.0, score=1.0, length=1))
    colours = {task.identity: hue for hue, task in enumerate(story.tasks)}
    panel.draw(Scene(story=story, overlays=(("naive", other),), colours=colours))
    assert [one.hues for one in panel._overlays] == [(2,)]
    assert [chip.name for chip in panel.legend.chips] == ["naive"]
    panel.draw(Scene(story=story))
    assert not panel._overlay_curves._items


def test_a_person_who_moved_away_is_left_there_until_a_double_click(panel, story):
    panel.draw(Scene(story=story))
    panel.plot.view.setXRange(100, 200, padding=0)
    panel.plot._moved()
    story.fold(EpisodeFinished(step=3_700, index=3, task_id=3, reward=1.0, score=1.0, length=5))
    panel.draw(Scene(story=story))
    assert panel.plot.view.viewRange()[0] == pytest.approx([100, 200])
    panel.plot.fit()
    assert panel.plot.view.viewRange()[0] == pytest.approx([0, 4_000])


def test_another_run_in_front_replaces_the_first(panel, story):
    panel.draw(Scene(story=story))
    panel.draw(Scene(story=Story()))
    assert not panel.plot.isVisible()
    panel.draw(Scene(story=story))
    assert len(pieces(panel)) == 4


def test_outliers_can_be_left_out(story):
    story.fold(EpisodeFinished(step=3_700, index=3, task_id=3, reward=1e9, score=1.0, length=5))
    series = EpisodeSeries(story, "reward", 0.9, 4_000)
    series.update()
    assert series.high == 1e9
    assert series.central_range()[1] < 200


def test_it_follows_the_theme(dressed, panel, story):
    panel.draw(Scene(story=story, playhead=1_500))
    panel.restyle()
    assert panel.plot.x_axis.textPen().color().name() == dressed.quiet
    assert dressed.raised in panel.crosshair.card.styleSheet()


@pytest.mark.parametrize("beyond", range(0, 120, 20))
def test_the_lowest_number_of_the_scores_is_whole_from_the_least_height_on(panel, story, beyond, qtbot):
    panel.draw(Scene(story=story, overlays=(("naive", story),)))
    panel.resize(900, panel.minimumSizeHint().height() + beyond)
    qtbot.wait(20)
    canvas, axis = panel.plot.canvas, panel.plot.y_axis
    zero = canvas.mapFromScene(panel.plot.view.mapViewToScene(QPointF(0, 0))).y()
    half = QFontMetrics(axis.style["tickFont"]).tightBoundingRect("0").height() / 2
    assert zero + half <= canvas.height()


def test_names_of_runs_have_their_room_at_every_size_of_type(panel, story, apply_theme):
    panel.draw(Scene(story=story, overlays=(("a run", story),)))
    apply_theme(theme.DARK, 1.3)
    panel.restyle()
    chip = panel.legend.chips[0]
    assert chip.width() >= chip.sizeHint().width()
