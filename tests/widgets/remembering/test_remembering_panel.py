import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from agents.analysis.definitions import FAMILIES
from agents.config import RunConfig
from agents.events import Adapted, Evaluated, RunStarted, StageFinished, StageStarted, TasksChanged
from agents.story import Story
from envs.curriculum import Stage, distinct_tasks
from widgets.remembering.matrix_model import LIVE, OWN
from widgets.remembering.remembering_panel import CURVES, RememberingPanel
from widgets.scene import Scene


@pytest.fixture
def panel(qtbot):
    shown = RememberingPanel()
    qtbot.addWidget(shown)
    shown.resize(430, 330)
    shown.show()
    return shown


def number(widget):
    return widget.findChildren(QLabel)[0].text()


def cells(panel, role=Qt.ItemDataRole.DisplayRole):
    model = panel.matrix.matrix
    return [
        [model.index(row, column).data(role) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def titles(panel, orientation):
    model = panel.matrix.matrix
    number = model.columnCount() if orientation == Qt.Orientation.Horizontal else model.rowCount()
    return [model.headerData(section, orientation) for section in range(number)]


def test_before_a_run_a_note_explains_the_panel(panel):
    panel.draw(Scene())
    assert not panel.matrix.isVisible()


def test_the_learned_level_stands_beside_forgetting(panel, story):
    panel.draw(Scene(story=story))
    assert number(panel.learned) == "0.92"
    assert number(panel.average) == "0.68"
    assert number(panel.forgetting).endswith("0.35")
    assert "▼" in number(panel.forgetting)
    assert panel.learned.isVisible()
    assert panel.forgetting.isVisible()


def test_the_summary_names_the_tasks_that_fell(panel, story):
    panel.draw(Scene(story=story))
    assert panel.words.text().startswith("Go to fell 0.60 since it was learned.")


def test_the_matrix_shows_every_score_the_untrained_row_first(panel, story):
    panel.draw(Scene(story=story))
    assert titles(panel, Qt.Orientation.Vertical) == [
        "untrained",
        "after Go to",
        "after Balance the pole",
        "after Mirror house",
    ]
    assert titles(panel, Qt.Orientation.Horizontal) == ["Go to", "Balance the pole", "Mirror house", "Put away"]
    assert cells(panel)[0] == ["0.30", "0.00", "0.20", "0.10"]
    assert cells(panel)[3] == ["0.40", "0.70", "0.95", "0.20"]


def test_each_tasks_own_stage_is_outlined(panel, story):
    panel.draw(Scene(story=story))
    outlined = [(row, column) for row, line in enumerate(cells(panel, OWN)) for column, own in enumerate(line) if own]
    assert outlined == [(1, 0), (2, 1), (3, 2)]


def test_an_unknown_score_is_a_dash(panel, story):
    story.fold(Evaluated(step=3_400, index=3, scores=(0.5, None, 0.9, 0.3), final=False))
    panel.draw(Scene(story=story))
    assert cells(panel)[-1] == ["0.50", "–", "0.90", "0.30"]
    assert "not measured" in panel.matrix.matrix.index(4, 1).data(Qt.ItemDataRole.AccessibleTextRole)


def test_scores_of_now_are_a_row_of_their_own(panel, story):
    story.fold(Evaluated(step=3_400, index=3, scores=(0.2, 0.6, 0.5, 0.4), final=False))
    panel.draw(Scene(story=story))
    assert titles(panel, Qt.Orientation.Vertical)[-1] == "now"
    assert all(cells(panel, LIVE)[-1])
    assert not any(cells(panel, LIVE)[-2])
    assert "Go to fell 0.80" in panel.words.text()


def test_the_playhead_goes_back_to_what_was_known_then(panel, story):
    panel.draw(Scene(story=story, playhead=1_200))
    assert len(cells(panel)) == 2
    assert number(panel.learned) == "1.00"
    assert number(panel.forgetting) == "–"


def test_every_family_of_definitions_shows_its_numbers_and_formulas(panel, story):
    panel.draw(Scene(story=story))
    shown = []
    for place, family in enumerate(FAMILIES):
        panel.definition.setCurrentIndex(place)
        numbers = {"average": panel.average, "forgetting": panel.forgetting, "forward": panel.transfer}
        for key, widget in numbers.items():
            assert family.row(key).formula in widget.toolTip()
            assert family.title in widget.toolTip()
        assert family.source in panel.definition.toolTip()
        shown.append((number(panel.average), number(panel.forgetting)[-4:]))
    assert shown == [("0.68", "0.35"), ("0.68", "0.35"), ("0.68", "0.23"), ("0.79", "0.35"), ("0.68", "0.24")]


def test_another_run_is_compared_in_words(panel, story):
    panel.draw(Scene(story=story, overlays=(("ewc, seed 0", story),)))
    assert "In ‘ewc, seed 0’ it fell 0.60." in panel.words.text()


def test_an_unchanged_scene_costs_nothing(panel, story, monkeypatch):
    panel.draw(Scene(story=story))
    monkeypatch.setattr(panel, "_redraw", lambda: pytest.fail("drawn again"))
    for _ in range(3):
        panel.draw(Scene(story=story))


def test_the_curves_go_through_every_evaluation(panel, story):
    panel.draw(Scene(story=story))
    panel._buttons[1].click()
    assert panel.curves.isVisible()
    x, y = panel.curves._items[0].getOriginalDataset()
    np.testing.assert_array_equal(x, (0, 1_000, 2_000, 3_000))
    np.testing.assert_array_equal(y, (0.3, 1.0, 0.9, 0.4))
    panel.curves.crosshair.move_to(2_500.0)
    assert "0.90" in panel.curves.crosshair.card.text()


def test_adaptation_is_offered_once_a_meta_stage_ran(panel, story):
    panel.draw(Scene(story=story))
    assert not panel._buttons[2].isVisible()
    for member in (1, 2):
        story.fold(Adapted(step=3_450, index=3, member=member, episodes=(0, 64), scores=(0.2, 0.9), control=(0.2, 0.4)))
    panel.draw(Scene(story=story))
    panel._buttons[2].click()
    assert panel._buttons[2].isVisible()
    words = panel.adaptation.findChild(QLabel).text()
    assert "0.90 after 64 episodes" in words
    assert "0.40" in words
    np.testing.assert_allclose(panel.adaptation._items[-1].getOriginalDataset()[1], (0.2, 0.9))


@pytest.mark.parametrize("tasks", [1, 4, 20])
def test_the_matrix_fits_or_scrolls(panel, tasks):
    stages = tuple(
        Stage(task="household/go-to", options={"max_episode_steps": 10 + at}, steps=10) for at in range(tasks)
    )
    begun = RunStarted(step=0, config=RunConfig(stages=stages))
    text = Story([begun, TasksChanged(step=0, tasks=distinct_tasks(stages))])
    text.fold(Evaluated(step=0, index=-1, scores=tuple(at / tasks for at in range(tasks)), final=True))
    panel.draw(Scene(story=text))
    assert panel.matrix.columnWidth(0) >= 42
    assert panel.matrix.horizontalScrollBar().maximum() == 0 or tasks == 20
    names = titles(panel, Qt.Orientation.Horizontal)
    assert len(set(names)) == tasks


def test_it_paints_in_every_theme(qtbot, dressed, panel, story):
    panel.draw(Scene(story=story))
    panel.restyle()
    qtbot.wait(20)
    drawn = panel.matrix.grab().toImage()
    place = panel.matrix.visualRect(panel.matrix.matrix.index(1, 0)).center()
    header = panel.matrix.horizontalHeader().height()
    side = panel.matrix.verticalHeader().width()
    colour = drawn.pixelColor(side + place.x() - 20, header + place.y() + 6)
    assert colour.name() == "#56b4e9"


@pytest.mark.parametrize(("height", "both"), [(330, False), (700, True)])
def test_where_there_is_room_the_curves_stand_under_the_matrix(panel, story, height, both):
    panel.resize(800, height)
    panel.draw(Scene(story=story))
    assert panel.matrix.isVisible()
    assert panel.curves.isVisible() == both
    panel._buttons[1].click()
    assert not panel.matrix.isVisible()
    assert panel.curves.isVisible()


def of_scores(*rows, keys=("household/go-to", "mirror/go-to"), name="naive"):
    """A run of these tasks with a row of scores after each stage."""
    stages = tuple(Stage(id=key, task=key, steps=100) for key in keys)
    config = RunConfig(stages=stages).changed({"strategy.name": name})
    text = Story([RunStarted(step=0, config=config), TasksChanged(step=0, tasks=distinct_tasks(stages))])
    text.fold(Evaluated(step=0, index=-1, scores=rows[0], final=True))
    for index, scores in enumerate(rows[1:]):
        text.fold(StageStarted(step=100 * index, index=index, task_id=index, stage=stages[index]))
        text.fold(Evaluated(step=100 * index + 99, index=index, scores=scores, final=True))
        text.fold(StageFinished(step=100 * index + 100, index=index, reason="budget"))
    return text


NAIVE = of_scores((0.1, 0.0), (1.0, 0.0), (0.2, 1.0))
REPLAY = of_scores((0.1, 0.0), (0.9, 0.0), (0.9, 0.7), name="replay")
OTHER_ORDER = of_scores((0.0, 0.1), (1.0, 0.1), (0.3, 0.6), keys=("mirror/go-to", "household/go-to"), name="ewc")


def laid_over(panel, *others):
    panel.draw(Scene(story=NAIVE, name="first", overlays=tuple((f"run {at}", run) for at, run in enumerate(others))))


def test_alone_a_run_needs_no_choice_of_matrix(panel):
    laid_over(panel)
    assert not panel.choice.isVisible()
    assert panel.choice.other is None


def test_the_matrix_shows_each_run_that_is_laid_over_and_what_it_has_more_or_less(panel):
    laid_over(panel, REPLAY, OTHER_ORDER)
    offered = [panel.choice.of.itemText(place) for place in range(panel.choice.of.count())]
    assert offered == ["first", "run 0", "run 1", "run 0 − first", "run 1 − first"]
    assert cells(panel) == [["0.10", "0.00"], ["1.00", "0.00"], ["0.20", "1.00"]]
    panel.choice.of.setCurrentIndex(1)
    assert cells(panel) == [["0.10", "0.00"], ["0.90", "0.00"], ["0.90", "0.70"]]
    panel.choice.of.setCurrentIndex(2)
    assert titles(panel, Qt.Orientation.Horizontal) == ["Mirror house", "Go to"]
    assert titles(panel, Qt.Orientation.Vertical) == ["untrained", "after Mirror house", "after Go to"]
    panel.choice.of.setCurrentIndex(3)
    assert cells(panel) == [["0.00", "0.00"], ["▼ 0.10", "0.00"], ["▲ 0.70", "▼ 0.30"]]
    panel.choice.of.setCurrentIndex(4)  # rows belong together that follow the same stage, columns of the same task
    assert titles(panel, Qt.Orientation.Horizontal) == ["Go to", "Mirror house"]
    assert cells(panel) == [["0.00", "0.00"], ["▼ 0.40", "▲ 0.30"], ["▼ 0.10", "0.00"]]


def test_how_runs_differ_stays_beside_the_choice(panel):
    panel.resize(900, 400)
    laid_over(panel, REPLAY, OTHER_ORDER)
    assert panel.choice.differs._full_text == (
        "run 0: strategy Replay instead of Naive · run 1: strategy EWC instead of Naive, tasks in another order"
    )
    panel.choice.of.setCurrentIndex(3)
    assert panel.choice.differs._full_text == "run 0: strategy Replay instead of Naive"


def test_a_new_run_in_front_is_shown_though_the_one_before_lies_under_it(panel):
    panel.draw(Scene(story=NAIVE, name="first"))
    panel.draw(Scene(story=REPLAY, name="second", overlays=(("first", NAIVE),)))
    assert panel.choice.other is None
    assert cells(panel)[2] == ["0.90", "0.70"]


def test_the_choice_stays_while_runs_come_and_goes_with_the_run(panel):
    laid_over(panel, REPLAY)
    panel.choice.of.setCurrentIndex(2)
    laid_over(panel, REPLAY, OTHER_ORDER)
    assert panel.choice.of.currentText() == "run 0 − first"
    assert cells(panel)[2] == ["▲ 0.70", "▼ 0.30"]
    laid_over(panel)
    assert panel.choice.of.currentText() == "first"
    assert cells(panel)[2] == ["0.20", "1.00"]


def test_the_choice_belongs_to_the_matrix(panel):
    laid_over(panel, REPLAY)
    assert panel.choice.isVisible()
    panel._turn(CURVES)
    assert not panel.choice.isVisible()


def test_the_matrix_is_one_stop_of_the_tab_key_and_the_arrows_go_through_it(qtbot, panel):
    laid_over(panel)
    panel.activateWindow()
    panel.matrix.setFocus()
    visited = []
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(panel.matrix, key)
        visited.append(panel.matrix.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole))
    assert visited[1:] == [
        "Mirror house, untrained: 0.00",
        "Mirror house, after Go to: 0.00",
        "Mirror house, after Mirror house: 1.00",
        "Go to, after Mirror house: 0.20",
    ]
    here = panel.matrix.currentIndex()
    qtbot.keyClick(panel.matrix, Qt.Key.Key_Tab)
    assert not panel.matrix.hasFocus()
    assert panel.matrix.currentIndex() == here
    assert panel.matrix.accessibleName() == "Scores after each stage"


def test_a_new_row_leaves_the_keyboard_in_its_cell(panel):
    laid_over(panel)
    panel.matrix.setCurrentIndex(panel.matrix.matrix.index(1, 1))
    laid_over(panel, REPLAY)
    assert (panel.matrix.currentIndex().row(), panel.matrix.currentIndex().column()) == (1, 1)
