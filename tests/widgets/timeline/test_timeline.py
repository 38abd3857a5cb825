import pytest
import shiboken6
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QHelpEvent, QImage, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget

from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.config.strategies import ReplayConfig
from agents.events import MemoryChanged, MemoryEntry, Progress, RunStarted, StageFinished, StageStarted, TasksChanged
from agents.models.catalogue import ModelChoice
from agents.story import Story
from envs.curriculum import Stage, distinct_tasks
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.curriculum.task_drag import MIME, pack, unpack
from widgets.requests import ForkFrom, ListModels, MovePlayhead, ShowNotice
from widgets.scene import Scene
from widgets.timeline.clip_menu import ClipMenu
from widgets.timeline.layout import gutter
from widgets.timeline.timeline import Timeline

STAGES = (
    Stage(id="a", task="household/go-to", steps=20_000),
    Stage(id="b", task="mirror/go-to", steps=20_000, until=0.9),
    Stage(id="c", task="gym:CartPole-v1", steps=40_000),
)
LEFT = Qt.MouseButton.LeftButton


def story_at(step):
    """A run whose first stage is over at 12,000 steps."""
    first = MemoryEntry(id=1, task_id=0, text="", action="", reward=0.0, step=100)
    return Story(
        [
            RunStarted(step=0, config=RunConfig(stages=STAGES)),
            TasksChanged(step=0, tasks=distinct_tasks(STAGES)),
            StageStarted(step=0, index=0, task_id=0, stage=STAGES[0]),
            MemoryChanged(step=100, added=(first,)),
            StageFinished(step=12_000, index=0, reason="budget"),
            StageStarted(step=12_000, index=1, task_id=1, stage=STAGES[1]),
            Progress(step=step, index=1, phase="acting"),
        ]
    )


@pytest.fixture
def model(qapp):
    model = CurriculumModel()
    model.load(STAGES, "Three")
    return model


@pytest.fixture
def timeline(qtbot, model):
    panel = Timeline(model)
    qtbot.addWidget(panel)
    panel.resize(1_100, 240)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def asked(timeline):
    requests = []
    timeline.requested.connect(requests.append)
    return requests


def run(timeline, model, step=16_000, **scene):
    story = story_at(step)
    model.follow(story.until())
    timeline.draw(Scene(story=story, state="running", **scene))


def middle(timeline, id_):
    layout = timeline.canvas.layout_shown
    return layout.rect(layout.block(id_)).center().toPoint()


def right_edge(timeline, id_):
    box = timeline.canvas.layout_shown.rect(timeline.canvas.layout_shown.block(id_))
    return QPoint(round(box.right()) - 3, round(box.center().y()))


def drag(qtbot, timeline, start, end):
    canvas = timeline.canvas
    qtbot.mousePress(canvas, LEFT, pos=start)
    for share in (0.3, 0.7, 1):
        point = QPointF(start) + (QPointF(end) - QPointF(start)) * share
        qtbot.mouseMove(canvas, point.toPoint())
    qtbot.mouseRelease(canvas, LEFT, pos=end)


def key(qtbot, timeline, name, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(timeline.canvas, name, modifier)


def drop(timeline, mime, point):
    canvas, copy = timeline.canvas, Qt.DropAction.CopyAction
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(point, copy, mime, LEFT, none)
    QApplication.sendEvent(canvas, enter)
    event = QDropEvent(QPointF(point), copy, mime, LEFT, none)
    QApplication.sendEvent(canvas, event)
    return event.isAccepted()


def ids(model):
    return [stage.id for stage in model.stages]


def test_a_task_dropped_between_two_clips_lands_between_them(timeline, model):
    edge = right_edge(timeline, "a")
    mime = pack("household/lamp")
    assert drop(timeline, mime, edge)
    assert [stage.task for stage in model.stages][1] == "household/lamp"
    assert timeline.canvas.selected == model.stages[1].id


def test_a_family_can_be_dropped_to_be_meta_trained(timeline, model):
    assert drop(timeline, pack("household/words", "meta"), QPoint(1_080, 60))
    assert (model.stages[-1].task, model.stages[-1].kind) == ("household/words", "meta")


@pytest.mark.parametrize("data", [b"", b"[]", b'{"key": "no/such", "options": {}, "kind": "task"}', b"\xff"])
def test_a_drag_that_is_no_task_is_turned_away(timeline, model, data):
    mime = QMimeData()
    mime.setData(MIME, data)
    assert unpack(mime) is None
    assert not drop(timeline, mime, QPoint(400, 60))
    assert model.stages == STAGES


def test_dragging_an_edge_changes_the_budget_in_one_step_of_undo(qtbot, timeline, model):
    start = right_edge(timeline, "a")
    span = 10_000 * timeline.canvas.layout_shown.scale.rate
    drag(qtbot, timeline, start, start + QPoint(round(span), 0))
    assert model.stage("a").steps == pytest.approx(30_000, abs=500)
    assert model.undo_stack.count() == 1
    model.undo()
    assert model.stages == STAGES


def test_the_steps_are_read_out_while_an_edge_is_dragged(qtbot, timeline, model):
    start = right_edge(timeline, "a")
    qtbot.mousePress(timeline.canvas, LEFT, pos=start)
    qtbot.mouseMove(timeline.canvas, start + QPoint(60, 0))
    assert timeline.canvas.paint_state().readout[1].endswith("steps")
    assert model.stages == STAGES
    key(qtbot, timeline, Qt.Key.Key_Escape)
    qtbot.mouseRelease(timeline.canvas, LEFT, pos=start)
    assert model.stages == STAGES


def test_dragging_a_clip_moves_it(qtbot, timeline, model):
    drag(qtbot, timeline, middle(timeline, "a"), middle(timeline, "c") + QPoint(30, 0))
    assert ids(model) == ["b", "c", "a"]
    drag(qtbot, timeline, middle(timeline, "a"), middle(timeline, "b") - QPoint(30, 0))
    assert ids(model) == ["a", "b", "c"]


def test_a_press_that_wanders_a_little_moves_nothing(qtbot, timeline, model):
    start = middle(timeline, "a")
    drag(qtbot, timeline, start, start + QPoint(2, 0))
    assert not model.undo_stack.canUndo()
    assert timeline.canvas.selected == "a"


def test_history_is_neither_moved_nor_resized_by_mouse(qtbot, timeline, model):
    run(timeline, model)
    drag(qtbot, timeline, middle(timeline, "a"), middle(timeline, "c"))
    drag(qtbot, timeline, right_edge(timeline, "a"), middle(timeline, "b"))
    drag(qtbot, timeline, middle(timeline, "b"), middle(timeline, "c"))
    assert ids(model) == ["a", "b", "c"]
    assert not model.undo_stack.canUndo()


@pytest.mark.parametrize("name", [Qt.Key.Key_Delete, Qt.Key.Key_Plus])
def test_a_key_that_history_forbids_is_answered(qtbot, timeline, model, name):
    run(timeline, model)
    timeline.canvas.select("a")
    key(qtbot, timeline, name)
    assert model.stages == STAGES
    assert "can't be changed" in QToolTip.text()
    QToolTip.hideText()


def test_delete_cuts_the_running_clip(qtbot, timeline, model):
    run(timeline, model)
    timeline.canvas.select("b")
    key(qtbot, timeline, Qt.Key.Key_Delete)
    assert ids(model) == ["a", "b", "c"]
    assert not model.is_running("b")


def test_the_running_clip_is_resized_down_to_what_has_been_done(qtbot, timeline, model):
    run(timeline, model)
    drag(qtbot, timeline, right_edge(timeline, "b"), middle(timeline, "a"))
    assert model.stage("b").steps == 4_000


def test_a_clip_that_starts_while_it_is_carried_stays(qtbot, timeline, model):
    start = middle(timeline, "b")
    qtbot.mousePress(timeline.canvas, LEFT, pos=start)
    qtbot.mouseMove(timeline.canvas, middle(timeline, "c") + QPoint(40, 0))
    run(timeline, model)
    qtbot.mouseRelease(timeline.canvas, LEFT, pos=middle(timeline, "c"))
    assert ids(model) == ["a", "b", "c"]


NONE, ALT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.mark.parametrize(
    ("name", "modifier", "expected"),
    [
        (Qt.Key.Key_Left, ALT, ["b", "a", "c"]),
        (Qt.Key.Key_Right, ALT, ["a", "c", "b"]),
        (Qt.Key.Key_Delete, NONE, ["a", "c"]),
        (Qt.Key.Key_Backspace, NONE, ["a", "c"]),
    ],
)
def test_keys_edit_the_selected_clip(qtbot, timeline, model, name, modifier, expected):
    timeline.canvas.select("b")
    key(qtbot, timeline, name, modifier)
    assert ids(model) == expected
    model.undo()
    assert model.stages == STAGES


def test_arrows_choose_and_plus_and_minus_change_the_budget(qtbot, timeline, model):
    for name, selected in ((Qt.Key.Key_Right, "a"), (Qt.Key.Key_Right, "b"), (Qt.Key.Key_Left, "a")):
        key(qtbot, timeline, name)
        assert timeline.canvas.selected == selected
    key(qtbot, timeline, Qt.Key.Key_Plus)
    assert model.stage("a").steps == 22_000
    key(qtbot, timeline, Qt.Key.Key_Minus)
    key(qtbot, timeline, Qt.Key.Key_Minus)
    assert model.stage("a").steps == 18_000


def test_ctrl_d_duplicates_and_selects_the_copy(qtbot, timeline, model):
    timeline.canvas.select("a")
    key(qtbot, timeline, Qt.Key.Key_D, CTRL)
    assert [stage.task for stage in model.stages[:2]] == [STAGES[0].task] * 2
    assert timeline.canvas.selected == model.stages[1].id


def test_keys_of_the_timeline_override_the_windows_shortcuts(timeline):
    for name, modifier, ours in ((Qt.Key.Key_Right, NONE, True), (Qt.Key.Key_Space, NONE, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, name, modifier)
        event.ignore()
        QApplication.sendEvent(timeline.canvas, event)
        assert event.isAccepted() is ours


def test_dragging_the_playhead_requests_an_earlier_step(qtbot, timeline, model, asked):
    run(timeline, model)
    scale = timeline.canvas.layout_shown.scale
    drag(qtbot, timeline, QPoint(round(scale.x(16_000)), 12), QPoint(round(scale.x(6_000)), 12))
    assert isinstance(asked[-1], MovePlayhead)
    assert asked[-1].step == pytest.approx(6_000, abs=1 / scale.rate)


def test_end_and_a_double_click_return_to_now(qtbot, timeline, model, asked):
    run(timeline, model, playhead=6_000)
    key(qtbot, timeline, Qt.Key.Key_End)
    assert asked == [MovePlayhead(None)]
    qtbot.mouseDClick(timeline.canvas, LEFT, pos=QPoint(300, 12))
    assert asked[1:] == [MovePlayhead(None)]


def test_the_playhead_is_moved_by_shift_and_arrows(qtbot, timeline, model, asked):
    run(timeline, model, playhead=6_000)
    key(qtbot, timeline, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    key(qtbot, timeline, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert asked == [MovePlayhead(5_840), MovePlayhead(6_000)]


def test_there_is_no_past_without_a_run(qtbot, timeline, asked):
    drag(qtbot, timeline, QPoint(300, 12), QPoint(400, 12))
    key(qtbot, timeline, Qt.Key.Key_End)
    assert asked == []


def test_the_timeline_fits_until_it_is_zoomed_by_hand(timeline, model):
    canvas = timeline.canvas
    fitting = canvas.layout_shown.scale.rate
    model.resize("c", 120_000)
    assert canvas.layout_shown.scale.rate < fitting
    assert not timeline._bar.isVisible()
    timeline.zoom_in()
    zoomed = canvas.layout_shown.scale.rate
    model.resize("c", 240_000)
    assert canvas.layout_shown.scale.rate == zoomed
    assert timeline._bar.isVisible()
    timeline.zoom_fit()
    assert canvas.layout_shown.scale.rate < zoomed


@given(notches=st.lists(st.sampled_from([-120, 120]), max_size=12))
def test_ctrl_and_wheel_zoom_around_the_mouse(qapp, notches):
    model = CurriculumModel()
    model.load(STAGES, "Three")
    panel = Timeline(model)
    panel.resize(1_100, 240)
    panel.canvas.resize(1_080, 200)
    panel.zoom_in()
    for notch in notches:
        scale = panel.canvas.layout_shown.scale
        anchor_step = scale.step(600)
        point = QPointF(600, 80)
        QApplication.sendEvent(
            panel.canvas,
            QWheelEvent(point, point, QPoint(), QPoint(0, notch), Qt.MouseButton.NoButton, CTRL, NO_PHASE, False),
        )
        after = panel.canvas.layout_shown.scale
        if 0 < after.first < panel.canvas.last_first:
            assert after.step(600) == pytest.approx(anchor_step, rel=1e-6, abs=1)
    panel.deleteLater()


NO_PHASE = Qt.ScrollPhase.NoScrollPhase


def test_the_bar_scrolls_and_follows(timeline):
    timeline.zoom_in()
    timeline.zoom_in()
    timeline._bar.setValue(10_000)
    assert timeline.canvas.layout_shown.scale.first == 10_000
    timeline.canvas.scroll_to(2_000)
    assert timeline._bar.value() == 2_000


def test_the_header_undoes_and_redoes(qtbot, timeline, model):
    undo, redo = timeline.header_widgets()[2:4]
    assert not undo.isEnabled()
    model.remove("b")
    assert "Remove Mirror house" in undo.toolTip()
    qtbot.mouseClick(undo, LEFT)
    assert model.stages == STAGES
    qtbot.mouseClick(redo, LEFT)
    assert ids(model) == ["a", "c"]


def test_every_control_has_a_name(timeline):
    for widget in (timeline.canvas, timeline._bar, *timeline.header_widgets()):
        assert widget.accessibleName() or widget.text()


def test_the_accessible_description_names_the_selected_clip(qtbot, timeline, model):
    assert "3 clips" in timeline.canvas.accessibleDescription()
    timeline.canvas.select("b")
    description = timeline.canvas.accessibleDescription()
    for part in ("Mirror house", "clip 2 of 3", "until 0.9", "planned"):
        assert part in description
    model.load((), "Nothing")
    assert timeline.canvas.accessibleDescription() == "No clips yet"


def test_a_tooltip_describes_the_clip_under_the_mouse(timeline, model):
    run(timeline, model)
    point = middle(timeline, "b")
    QApplication.sendEvent(timeline.canvas, QHelpEvent(QEvent.Type.ToolTip, point, timeline.mapToGlobal(point)))
    assert "4k of 20k" in QToolTip.text()
    assert "in training" in QToolTip.text()
    QToolTip.hideText()


def test_the_menu_offers_what_history_allows(timeline, model):
    run(timeline, model)
    menus = {id_: ClipMenu(model, id_, timeline) for id_ in ("a", "b", "c")}
    enabled = {id_: [action.isEnabled() for action in menu.actions()] for id_, menu in menus.items()}
    options, duplicate, swap, line, remove = range(5)
    assert [enabled["a"][index] for index in (options, duplicate, swap, remove)] == [True, True, False, False]
    assert [enabled["b"][index] for index in (options, duplicate, swap, remove)] == [True] * 4
    assert menus["b"].actions()[remove].text() == "End it here"
    assert menus["c"].actions()[line].isSeparator()


def test_a_context_menu_acts_on_the_clip_under_the_mouse(timeline, model):
    point = middle(timeline, "b")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, timeline.canvas.mapToGlobal(point))
    QApplication.sendEvent(timeline.canvas, event)
    menu = timeline.findChild(ClipMenu)
    assert timeline.canvas.selected == "b"
    menu.swapped.emit("household/lamp")
    assert model.stages[1].task == "household/lamp"
    assert (model.stages[1].steps, model.stages[1].until) == (20_000, 0.9)
    menu.close()


@pytest.mark.parametrize(("id_", "lock"), [("b", (0, None, 0)), ("c", (3, "c", 100))])
@pytest.mark.parametrize(("signal", "arguments"), [("removed", ()), ("swapped", ("household/lamp",))])
def test_a_menu_left_open_does_nothing_else_than_it_offered(timeline, model, id_, lock, signal, arguments):
    run(timeline, model)
    timeline.canvas.select(id_)
    timeline.gestures.menu_wanted.emit(timeline.canvas.mapToGlobal(middle(timeline, id_)))
    menu, before, asked = timeline.findChildren(ClipMenu)[-1], model.stages, []
    timeline.requested.connect(asked.append)
    model.lock(*lock)  # the run is finished, or begins the clip
    getattr(menu, signal).emit(*arguments)
    menu.close()
    assert model.stages == before
    assert asked == [ShowNotice("The run came further while the menu was open; nothing is changed.")]


def test_swapping_the_running_clip_leaves_it_as_history(timeline, model):
    run(timeline, model)
    timeline.canvas.select("b")
    timeline.swap_selected("household/lamp")
    assert ids(model)[:2] == ["a", "b"]
    assert model.stages[2].task == "household/lamp"
    assert model.stages[2].id == timeline.canvas.selected


def test_a_double_click_opens_the_options(qtbot, timeline):
    qtbot.mouseDClick(timeline.canvas, LEFT, pos=middle(timeline, "b"))
    assert timeline.form is not None
    timeline.form.reject()
    qtbot.waitUntil(lambda: timeline.form is None)


def colour_at(timeline, step, y):
    image = timeline.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ratio = image.devicePixelRatio()
    return image.pixelColor(int(timeline.canvas.layout_shown.scale.x(step) * ratio), int(y * ratio)).name()


def test_the_run_fills_its_clip_up_to_now(timeline, model):
    run(timeline, model)
    row = middle(timeline, "b").y() + 20
    assert colour_at(timeline, 15_000, row) != colour_at(timeline, 20_000, row)
    assert colour_at(timeline, 20_000, row) == colour_at(timeline, 29_000, row)


def test_an_empty_timeline_shows_a_hint(timeline, model):
    before = timeline.canvas.grab().toImage()
    model.load((), "Nothing")
    after = timeline.canvas.grab().toImage()
    assert before != after
    assert timeline.canvas.layout_shown.area.right() > gutter()


def test_the_strategy_of_the_settings_stands_beside_the_plan(timeline):
    timeline.show_config(RunConfig(strategy=ReplayConfig()))
    assert timeline.canvas.layout_shown.tracks[0].strategy == "Replay"


def opened_at(timeline, x, y=12):
    """The menu that a press of the right button opens there."""
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(x, y), timeline.canvas.mapToGlobal(QPoint(x, y)))
    QApplication.sendEvent(timeline.canvas, event)
    return timeline.findChildren(ClipMenu)[-1]


@pytest.mark.parametrize(("step", "offered"), [(5_000, True), (14_000, True), (30_000, False)])
def test_a_fork_is_offered_at_every_step_of_the_run(timeline, model, step, offered):
    run(timeline, model)
    asked = []
    timeline.requested.connect(asked.append)
    menu = opened_at(timeline, round(timeline.canvas.layout_shown.scale.x(step)))
    fork = menu.actions()[-1]
    assert fork.isEnabled() == offered
    fork.trigger()
    menu.close()
    assert [type(request) for request in asked] == [ForkFrom] * offered
    assert all(abs(request.step - step) < 100 for request in asked)


def test_near_the_playhead_its_own_step_is_meant(timeline, model):
    run(timeline, model)
    timeline.edits.move_playhead(7_777)
    menu = opened_at(timeline, round(timeline.canvas.layout_shown.scale.x(7_777)) + 4)
    assert menu.actions()[-1].text() == "Fork from step 7,777…"
    menu.close()


def test_the_ways_out_of_the_past_are_offered_only_there(qtbot, timeline, model):
    fork, back = timeline.header_widgets()[:2]
    story = story_at(16_000)
    timeline.draw(Scene(story=story, state="paused"))
    assert fork.isHidden()
    timeline.draw(Scene(story=story, state="paused", playhead=5_000))
    asked = []
    timeline.requested.connect(asked.append)
    qtbot.mouseClick(fork, LEFT)
    qtbot.mouseClick(back, LEFT)
    assert asked == [ForkFrom(step=5_000), MovePlayhead(None)]


def test_the_options_of_a_clip_offer_the_language_models_that_there_are(timeline, model, asked):
    timeline.open_options(model.stages[0].id)
    assert asked == [ListModels()]
    timeline.show_choices((ModelChoice("named", "some/model", PretrainedConfig(source="some/model")),))
    assert timeline.form.rows.editor("teaching.teacher").control.findData("model:some/model") > 0
    timeline.form.close()
    timeline.open_options(model.stages[0].id)
    assert asked == [ListModels()]
    assert timeline.form.rows.editor("teaching.teacher").control.findData("model:some/model") > 0
    timeline.form.close()


def test_a_timeline_that_is_destroyed_while_it_has_the_focus_takes_nothing_with_it(qtbot, model):
    window = QWidget()
    qtbot.addWidget(window)
    panel = Timeline(model)
    QVBoxLayout(window).addWidget(panel)
    with qtbot.waitActive(window):
        window.show()
    panel.canvas.setFocus()
    assert panel.canvas.hasFocus()
    shiboken6.delete(panel.canvas)
    assert shiboken6.isValid(panel)
