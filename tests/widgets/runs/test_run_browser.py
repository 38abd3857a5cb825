from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QLabel

from agents.commands import Configure
from agents.config import RunConfig
from agents.events import CommandApplied, Evaluated, RunStarted, StageStarted, TasksChanged
from agents.story import Story
from envs.curriculum import Stage
from widgets.requests import ContinueRun, DescribeRun, ExportRun, ForkFrom, OpenRun, OverlayRuns, TrashRuns
from widgets.runs.run_actions import RUN_ACTIONS
from widgets.runs.run_browser import RunBrowser, RunRow
from widgets.runs.run_table import COLUMNS
from widgets.scene import Scene

STAGE = Stage(id="a", task="household/go-to", steps=1_000)


def row(name, **text):
    usual = {
        "created": "2026-01-02T03:04:05",
        "strategy": "naive",
        "algorithm": "ppo",
        "model": "transformer",
        "seed": 0,
        "steps": 1_000,
        "learned": 0.9,
        "average": 0.5,
        "forgetting": None,
        "state": "done",
    }
    return RunRow(folder=Path(name), name=name, **{**usual, **text})


ROWS = (row("late", created="2026-05-01T00:00:00", forgetting=0.7), row("early"), row("ewc", strategy="ewc", seed=12))


@pytest.fixture
def browser(qtbot):
    browser = RunBrowser()
    qtbot.addWidget(browser)
    browser.resize(1000, 200)
    browser.show()
    browser.asked = []
    browser.requested.connect(browser.asked.append)
    browser.show_runs(ROWS)
    return browser


def shown(browser, column=0):
    model = browser._sorted
    return [model.index(place, column).data() for place in range(model.rowCount())]


def choose(browser, *names):
    browser._view.clearSelection()
    browser._view.setSelectionMode(browser._view.SelectionMode.MultiSelection)
    for name in names:
        browser._view.selectRow(shown(browser).index(name))


def test_the_newest_run_comes_first_and_what_is_unknown_is_a_dash(browser):
    assert shown(browser)[0] == "late"
    assert set(shown(browser, 8)) == {"0.70", "–"}


def test_numbers_are_sorted_as_numbers(browser):
    browser._view.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert shown(browser, 4)[0] == "12"


def test_the_filter_looks_at_every_column(browser):
    browser._filter.setText("EWC")
    assert shown(browser) == ["ewc"]


def test_what_can_be_done_follows_the_choice(browser):
    assert not browser.buttons["open"].isEnabled()
    choose(browser, "early")
    assert browser.buttons["open"].isEnabled()
    choose(browser, "early", "ewc")
    assert not browser.buttons["open"].isEnabled()
    assert browser.buttons["overlay"].isEnabled()


@pytest.mark.parametrize(
    ("button", "request_"),
    [
        ("open", OpenRun(Path("early"))),
        ("export", ExportRun(Path("early"))),
        ("trash", TrashRuns((Path("early"),))),
        ("fork", ForkFrom(folder=Path("early"))),
        ("describe", DescribeRun(Path("early"))),
    ],
)
def test_a_button_asks_for_the_chosen_run(browser, button, request_):
    choose(browser, "early")
    browser.buttons[button].click()
    assert browser.asked == [request_]


def test_several_runs_are_laid_over_and_taken_off(browser):
    choose(browser, "early", "late")
    browser.buttons["overlay"].click()
    browser.draw(Scene(overlays=(("early", Story()), ("late", Story()))))
    browser.buttons["clear"].click()
    assert {folder.name for folder in browser.asked[0].folders} == {"early", "late"}
    assert browser.asked[1] == OverlayRuns(())


def test_a_double_click_opens_a_run(qtbot, browser):
    index = browser._sorted.index(0, 0)
    place = browser._view.visualRect(index).center()
    qtbot.mouseClick(browser._view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(browser._view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert browser.asked == [OpenRun(Path("late"))]


def test_a_new_list_keeps_the_choice(browser):
    choose(browser, "early")
    browser.show_runs((row("newest", created="2027-01-01T00:00:00"), *ROWS))
    assert browser._chosen() == (Path("early"),)


def test_an_empty_list_explains_how_to_fill_it(browser):
    browser.show_runs(())
    assert "press play" in browser._note.widget(0).findChild(QLabel).text()
    assert not browser._view.isVisible()


def test_only_an_unfinished_run_can_be_resumed(browser):
    cut = row("cut", state="interrupted")
    browser.show_runs((cut, row("over")))
    choose(browser, "over")
    assert not browser.buttons["go_on"].isEnabled()
    choose(browser, "cut")
    browser.buttons["go_on"].click()
    assert browser.asked == [ContinueRun(Path("cut"))]


def test_a_right_click_offers_what_the_buttons_do(browser):
    choose(browser, "early")
    menu = browser.menu()
    offered = {action.data(): action.isEnabled() for action in menu.actions()}
    assert offered == {key: button.isEnabled() for key, button in browser.buttons.items()}
    next(action for action in menu.actions() if action.data() == "describe").trigger()
    assert browser.asked == [DescribeRun(Path("early"))]


def test_f2_describes_the_chosen_run(qtbot, browser):
    choose(browser, "early")
    qtbot.keyClick(browser._view, Qt.Key.Key_F2)
    assert browser.asked == [DescribeRun(Path("early"))]


def test_tags_notes_and_origin_are_shown_and_found(browser):
    text = {"tags": ("kitchen",), "note": "worth a look\nmore", "parent": "mother", "left_at": 12_000}
    browser.show_runs((row("child", **text), row("other")))
    assert "kitchen · worth a look · forked from ‘mother’ at 12,000" in shown(browser, len(COLUMNS) - 1)
    for text in ("KITCHEN", "worth", "mother"):
        browser._filter.setText(text)
        assert shown(browser) == ["child"]


def test_an_active_run_shows_its_steps_and_stays_selected(browser):
    browser.show_runs((row("now", state="running", steps=0), row("then")))
    choose(browser, "now")
    story = Story()
    story.step = 4_321
    browser.draw(Scene(story=story, folder=Path("now"), state="paused"))
    assert shown(browser, 5)[shown(browser).index("now")] == "4,321"
    assert browser._chosen() == (Path("now"),)


def test_a_run_is_opened_by_keyboard_alone(qtbot, browser):
    browser.show_runs(ROWS[:1])
    came = QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason)
    QApplication.sendEvent(browser._view, came)  # offscreen, no window is the active one
    assert browser._chosen() == (ROWS[0].folder,)
    qtbot.keyClick(browser._view, Qt.Key.Key_Return)
    assert browser.asked == [OpenRun(ROWS[0].folder)]


def test_names_have_the_room_that_no_note_needs(browser):
    browser.resize(1400, 200)
    QApplication.processEvents()
    header, last = browser._view.horizontalHeader(), browser._table.columnCount() - 1
    alone = header.sectionSize(0)
    assert header.isSectionHidden(last)
    browser.show_runs((row("late", note="much better than before"), row("early")))
    assert header.sectionSize(0) < alone
    assert header.sectionSize(last) == pytest.approx(header.sectionSize(0), abs=1)


@pytest.mark.parametrize("width", [900, 1000, 1040, 1300, 1800])
def test_the_name_of_a_run_stays_readable_beside_notes_and_a_model_that_all_have_is_not_shown(browser, width):
    browser.show_runs((*ROWS, row("fork", note="a note", parent="early", left_at=500)))
    browser.resize(width, 200)
    QApplication.processEvents()
    places = {column.title: place for place, column in enumerate(COLUMNS)}
    view = browser._view
    assert view.columnWidth(places["Name"]) >= 160
    assert view.isColumnHidden(places["Notes"]) or view.columnWidth(places["Notes"]) >= 160
    assert view.isColumnHidden(places["Model"])
    assert not view.horizontalScrollBar().maximum()
    fork = shown(browser).index("fork")
    assert "forked from" in browser._sorted.index(fork, 0).data(Qt.ItemDataRole.ToolTipRole)
    browser.show_runs((*ROWS, row("other", model="mlp")))
    assert not view.isColumnHidden(places["Model"])


FRONT = {"folder": Path("early"), "story": Story([RunStarted(step=40, config=RunConfig())])}
OVER = (("late", Story()),)
LONE = ("open", "describe", "export")


@pytest.mark.parametrize(
    ("chosen", "scene", "barred"),
    [
        ([], Scene(), {*LONE, "go_on", "fork", "overlay", "clear", "trash"}),
        (["late"], Scene(), {"go_on", "clear"}),
        (["late"], Scene(overlays=OVER), {"go_on"}),
        (["cut"], Scene(overlays=OVER), set()),
        (["cut"], Scene(**FRONT, state="running"), {"go_on", "clear"}),
        (["early"], Scene(**FRONT, state="stored"), {"go_on", "overlay", "clear"}),
        (["early"], Scene(**FRONT, state="running"), {"go_on", "overlay", "clear", "trash"}),
        (["early"], Scene(**FRONT, state="paused"), {"overlay", "clear", "trash"}),
        (["early", "late"], Scene(**FRONT, state="running"), {*LONE, "go_on", "fork", "clear"}),
        (["empty"], Scene(), {"go_on", "fork", "clear"}),
    ],
)
def test_an_impossible_action_is_disabled_with_a_reason(browser, chosen, scene, barred):
    browser.show_runs((*ROWS, row("cut", state="stopped"), row("empty", steps=0)))
    choose(browser, *chosen)
    browser.draw(scene)
    assert {key for key, button in browser.buttons.items() if not button.isEnabled()} == barred
    for key, action in RUN_ACTIONS.items():
        assert browser.buttons[key].toolTip()
        assert (browser.buttons[key].toolTip() == action.tip) == (key not in barred)
    actions = {action.data(): action for action in browser.menu().actions()}
    assert {key for key, action in actions.items() if not action.isEnabled()} == barred
    assert {key: action.toolTip() for key, action in actions.items()} == {
        key: button.toolTip() for key, button in browser.buttons.items()
    }


def active(parent=None):
    """A run in which one task was learned, and scored 0.9 after 100 steps."""
    story = Story([RunStarted(step=0, config=RunConfig(stages=(STAGE,)))])
    story.parent = parent
    story.fold(TasksChanged(step=0, tasks=(STAGE.configured_task,)))
    story.fold(Evaluated(step=0, index=-1, scores=(0.1,), final=True))
    story.fold(StageStarted(step=0, index=0, task_id=0, stage=STAGE))
    story.fold(Evaluated(step=100, index=0, scores=(0.9,), final=True))
    return story


def cells(browser, name):
    return {column.title: column.text(one) for one in browser._table.rows if one.name == name for column in COLUMNS}


@pytest.mark.parametrize("state", ["running", "paused"])
@pytest.mark.parametrize("listed_again", [False, True])
def test_the_row_of_an_active_run_shows_its_current_scores(browser, state, listed_again):
    story = active()
    browser.draw(Scene(story=story, folder=Path("early"), state=state))
    if listed_again:
        browser.show_runs((row("late"), row("early", state="running")))
    assert (cells(browser, "early")["Average now"], cells(browser, "early")["Steps"]) == ("0.90", "100")
    story.fold(Evaluated(step=200, index=0, scores=(0.7,), final=True))
    story.fold(CommandApplied(step=200, command=Configure(changes={"strategy.name": "ewc"})))
    browser.draw(Scene(story=story, folder=Path("early"), state=state))
    assert (cells(browser, "early")["Average now"], cells(browser, "early")["Strategy"]) == ("0.70", "EWC")
    assert cells(browser, "late")["Average now"] == "0.50"


def test_a_run_that_has_just_ended_is_shown_as_it_is_stored(browser):
    browser.draw(Scene(story=active(), folder=Path("early"), state="running"))
    browser.show_runs((row("late"), row("early", state="stopped", steps=120)))
    assert (cells(browser, "early")["State"], cells(browser, "early")["Steps"]) == ("stopped", "120")
    browser.draw(Scene(story=active(), folder=Path("early"), state="stored"))
    assert cells(browser, "early")["State"] == "stopped"


def test_a_fork_that_has_yet_to_leave_its_run_keeps_the_strategy_that_it_will_have(browser):
    story = active(parent=("early", 150))
    browser.draw(Scene(story=story, folder=Path("ewc"), state="running"))
    assert (cells(browser, "ewc")["Strategy"], cells(browser, "ewc")["Average now"]) == ("EWC", "0.90")


def test_a_tooltip_has_the_name_that_panels_use(browser):
    front, over = active(parent=("early", 20)), active()
    front.run, over.run = "late", "ewc"
    browser.draw(
        Scene(story=front, name="late from 20", folder=Path("late"), overlays=(("EWC", over),), state="stored")
    )
    tips = {one.name: browser._table.index(at, 0).data(Qt.ItemDataRole.ToolTipRole) for at, one in enumerate(ROWS)}
    assert "named ‘fork at 20’" in tips["late"]
    assert "named ‘EWC’" in tips["ewc"]
    assert "called" not in tips["early"]
    browser.draw(Scene())
    assert "called" not in browser._table.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
