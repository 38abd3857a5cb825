from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from agents.benchmarks.report.chart import Chart, Series
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Result
from widgets.proof.proof_board import ProofBoard, ProofRow
from widgets.proof.proof_curves import _bands
from widgets.proof.proof_panel import ProofPanel
from widgets.requests import RunBenchmark, StopBenchmark
from widgets.style import theme

PASSED_FIGURE = Figure("best", 500.0, "return", "≥ 475", True, "20 episodes", 480.0, 500.0, 460.0, "A2C")
MISSED = Figure("last", 300.0, "return", "≥ 475", holds=False)
REPORTED_FIGURE = Figure("rival", 460.0, "return")
OURS = Series("PPO", (0.0, 1.0, 2.0), ((0.0, 4.0, 8.0), (2.0, 6.0)))
RIVAL = Series("A2C", (0.0, 1.0, 2.0), ((0.0, 1.0, 2.0),), is_control=True)
CHART = Chart("Balancing", "steps", "return", (OURS, RIVAL))
RESULT = Result(
    name="cartpole",
    options="--seeds 2",
    measured="2026-03-01T12:00:00+00:00",
    seconds=75.0,
    figures=(PASSED_FIGURE, MISSED, REPORTED_FIGURE),
    charts=(CHART, replace(CHART, title="Again")),
)
DONE = ProofRow("cartpole", "How soon is it solved?", {"seeds": "3", "only": "", "quick": ""}, RESULT)
NEW = ProofRow("kill", "What does a kill cost?", {"kills": "30"})
BOARD = ProofBoard((DONE, NEW))


@pytest.fixture
def panel(qtbot):
    panel = ProofPanel()
    qtbot.addWidget(panel)
    panel.resize(560, 300)
    panel.show()
    panel.show_board(BOARD)
    return panel


def row(panel, place):
    return [panel.table.item(place, column).text() for column in range(panel.table.columnCount())]


def verdict(panel, place):
    return panel.table.item(place, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_result_shows_goal_figure_control_and_verdict(panel):
    assert row(panel, 0) == ["", "best", "500 return\n[480, 500]", "≥ 475", "460\nA2C"]
    assert row(panel, 2) == ["", "rival", "460 return", "", ""]
    assert [verdict(panel, place) for place in range(3)] == ["Holds", "Does not hold", "Only reported"]
    assert "20 episodes" in panel.table.item(0, 1).toolTip()
    assert panel.summary._full_text.startswith("1 of 2 claims hold · 2026-03-01")
    assert panel.summary._full_text.endswith("1:15 · --seeds 2")


def test_the_list_shows_each_verdict(panel):
    texts = [panel.list.item(place).data(Qt.ItemDataRole.AccessibleTextRole) for place in range(2)]
    assert texts[0].startswith("cartpole, Does not hold, 2026-03-01")
    assert texts[1] == "kill, Not measured yet, not measured yet"


def test_a_benchmark_that_was_never_measured_explains_itself(panel):
    panel.list.setCurrentRow(1)
    assert not panel.table.isVisible()
    assert panel.question.text() == NEW.question
    assert "--kills 30" in panel.options.toolTip()


def test_the_curves_are_offered_where_there_are_some(panel):
    assert panel.tabs.isTabEnabled(1)
    panel.tabs.setCurrentIndex(1)
    assert [panel.curves.choice.itemText(place) for place in range(2)] == ["Balancing", "Again"]
    assert "PPO" in panel.curves.legend.text()
    panel.show_board(ProofBoard((replace(DONE, result=replace(RESULT, charts=())),)))
    assert not panel.tabs.isTabEnabled(1)
    assert panel.table.isVisible()


def test_a_band_goes_as_far_as_every_seed_and_holds_the_mean():
    x, mean, low, high = _bands(OURS)
    assert x.tolist() == [0, 1]
    assert mean.tolist() == [1, 5]
    reach = 12.7062  # Student's t with one degree of freedom, times a standard error of 1
    assert low.tolist() == pytest.approx([1 - reach, 5 - reach], abs=1e-3)
    assert high.tolist() == pytest.approx([1 + reach, 5 + reach], abs=1e-3)


def test_play_measures_with_the_options_typed_for_that_benchmark(panel, qtbot):
    asked = []
    panel.requested.connect(asked.append)
    qtbot.keyClicks(panel.options, "--seeds 1")
    qtbot.keyClick(panel.options, Qt.Key.Key_Return)
    panel.list.setCurrentRow(1)
    assert panel.options.text() == ""
    panel.button.click()
    panel.list.setCurrentRow(0)
    assert panel.options.text() == "--seeds 1"
    assert asked == [RunBenchmark("cartpole", "--seeds 1"), RunBenchmark("kill", "")]


def test_while_one_is_measured_its_last_words_are_shown_and_it_can_be_stopped(panel):
    asked = []
    panel.requested.connect(asked.append)
    panel.show_board(replace(BOARD, running="kill", seconds=65, line="12 kills"))
    assert panel.subtitle() == "measuring kill, 1:05"
    panel.list.setCurrentRow(1)
    assert panel.summary._full_text == "1:05 · 12 kills"
    assert panel.button.accessibleName() == "Stop measuring kill"
    panel.button.click()
    assert asked == [StopBenchmark()]


def test_a_failure_is_one_line_above_the_last_result(panel):
    assert not panel.error.isVisible()
    panel.show_board(ProofBoard((replace(DONE, error="stable-baselines3 is missing"), NEW)))
    assert panel.error.text() == "The last measurement failed: stable-baselines3 is missing"
    assert panel.table.rowCount() == 3


def test_every_learner_has_a_line_of_its_own_and_controls_are_grey(panel):
    many = tuple(replace(OURS, name=f"learner {place}") for place in range(9))
    panel.show_board(
        ProofBoard((replace(DONE, result=replace(RESULT, charts=(Chart("Nine", "x", "y", (*many, RIVAL)),))),))
    )
    drawn = [item.opts["pen"] for item in panel.curves._items if hasattr(item, "opts")]
    looks = {(pen.color().name(), pen.style()) for pen in drawn}
    assert len(looks) == len(drawn) == 10
    assert (QColor(theme.current().quiet).name(), Qt.PenStyle.DashLine) in looks


def test_two_controls_have_different_line_styles(panel):
    controls = (RIVAL, replace(RIVAL, name="DQN"))
    chart = Chart("Two", "x", "y", (OURS, *controls))
    panel.show_board(ProofBoard((replace(DONE, result=replace(RESULT, charts=(chart,))),)))
    drawn = [item.opts["pen"].style() for item in panel.curves._items if hasattr(item, "opts")]
    assert len(set(drawn)) == 3
    keys = panel.curves.legend.text().split("&nbsp;&nbsp; ")
    assert len({key.split("</span>")[0] for key in keys}) == 3


def test_a_quick_look_is_asked_for_by_a_check_box(panel):
    asked = []
    panel.requested.connect(asked.append)
    panel.quick.click()
    panel.button.click()
    assert asked == [RunBenchmark(panel.list.name, "--quick")]
