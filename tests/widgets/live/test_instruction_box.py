from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from agents.events import InstructionStatus
from envs.requests import NotUnderstood, Request
from widgets.live.live_view import LiveView
from widgets.requests import InstructAgent, WatchSpeed
from widgets.style.catalogue import LanguageSwitcher

REQUESTS = (
    Request({"en": "open the fridge", "zh_CN": "打开冰箱"}),
    Request({"en": "take the cup", "zh_CN": "拿起杯子"}, is_fulfilled=True),
)
REFUSAL = NotUnderstood("“{words}” is not understood here. Try: {nearest}", words="moon", nearest="open the fridge")


@pytest.fixture
def frame(frame):
    """An instant of a world that can check two instructions."""
    return replace(frame, requests=REQUESTS)


@pytest.fixture
def panel(qtbot, frame):
    shown = LiveView()
    qtbot.addWidget(shown)
    shown.resize(568, 312)
    shown.show()
    qtbot.waitExposed(shown)
    shown.activateWindow()
    shown.show_frame(frame)
    return shown


@pytest.fixture
def box(panel):
    return panel.box


@pytest.fixture
def chinese():
    interpreter = LanguageSwitcher()
    interpreter.switch_to("zh_CN")
    yield
    interpreter.switch_to("en")


def instructed(frame, text="open the fridge", writer="person", **how):
    return replace(frame, instruction=InstructionStatus(text, writer, **how))


def test_where_nothing_can_be_checked_there_is_no_box(panel, frame):
    panel.show_frame(replace(frame, requests=()))
    assert not panel.box.isVisible()
    assert not panel.focus_instruction()
    panel.show_frame(frame)
    assert panel.box.isVisible()
    assert panel.focus_instruction()


def test_it_offers_all_that_can_be_checked_here(box):
    assert box.field.offered == ["open the fridge", "take the cup"]


def test_enter_submits_the_text_and_leaves_the_field(qtbot, box, asked):
    box.focus_field()
    qtbot.keyClicks(box.field, "open the fridge")
    qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert [request for request in asked if isinstance(request, InstructAgent)] == [InstructAgent("open the fridge")]
    assert box.field.text() == ""
    assert not box.field.hasFocus()


def test_enter_in_an_empty_field_submits_nothing(qtbot, box, asked):
    qtbot.keyClicks(box.field, "  ")
    qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert not [request for request in asked if isinstance(request, InstructAgent)]


def test_while_somebody_writes_the_watched_world_holds_still(qtbot, panel, asked):
    panel.focus_instruction()
    qtbot.waitUntil(lambda: asked == [WatchSpeed(0.0)])
    qtbot.keyClicks(panel.box.field, "nothing like it")  # then there is no list
    qtbot.keyClick(panel.box.field, Qt.Key.Key_Escape)
    assert asked == [WatchSpeed(0.0), WatchSpeed(8.0)]
    assert not panel.box.field.hasFocus()


def test_a_space_is_written_and_does_not_play(qtbot, box):
    box.focus_field()
    qtbot.keyClicks(box.field, "a b")
    assert box.field.text() == "a b"


def test_down_opens_the_list(qtbot, box):
    box.field.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(box.field, Qt.Key.Key_Down)
    popup = box.field.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    assert popup.model().rowCount() == 2
    popup.hide()


def test_esc_closes_the_list_and_then_leaves_the_field(qtbot, box):
    box.focus_field()
    popup = box.field.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert box.field.hasFocus()
    qtbot.keyClick(box.field, Qt.Key.Key_Escape)
    assert not box.field.hasFocus()


def test_the_list_narrows_to_what_is_written_wherever_it_stands(qtbot, box):
    box.focus_field()
    qtbot.keyClicks(box.field, "CUP")
    assert box.field.completer().currentCompletion() == "take the cup"
    box.field.completer().popup().hide()


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"steps": 3}, "Your instruction: “open the fridge” · step 3"),
        ({"steps": 4, "fulfilled": True}, "Your instruction: “open the fridge” · ✓ done after 4 steps"),
        ({"steps": 1, "fulfilled": True}, "Your instruction: “open the fridge” · ✓ done after one step"),
        ({"steps": 0, "fulfilled": True}, "Your instruction: “open the fridge” · ✓ it was so already"),
        ({"steps": 32, "fulfilled": False}, "Your instruction: “open the fridge” · given up after 32 steps"),
        ({"steps": 2, "writer": "agent"}, "The agent's own instruction: “open the fridge” · step 2"),
    ],
)
def test_the_note_shows_the_instruction_and_its_status(panel, frame, how, text):
    panel.show_frame(instructed(frame, **how))
    assert panel.box.note.text() == text
    assert panel.box.note.isVisible()


def test_then_and_now_each_have_their_outcome(panel, frame):
    panel.show_compared(instructed(frame, steps=2, fulfilled=True))
    panel.show_frame(instructed(frame, steps=5))
    assert panel.box.note.text() == "Your instruction: “open the fridge” · then: step 5 · now: ✓ done after 2 steps"
    assert panel.box.width() > panel.width() * 0.9
    panel.show_compared(None)
    assert panel.box.note.text() == "Your instruction: “open the fridge” · step 5"


def test_the_outcome_of_the_users_instruction_stays_while_the_agent_writes_its_own(panel, frame):
    outcome = "Your instruction: “open the fridge” · ✓ done after 2 steps"
    own = "The agent's own instruction: “take the cup” · step {}"
    panel.show_frame(instructed(frame, steps=2, fulfilled=True))
    for step in range(2):
        panel.show_frame(instructed(frame, "take the cup", "agent", steps=step))
        assert panel.box.note.text() == f"{outcome}\n{own.format(step)}"
    panel.show_frame(replace(instructed(frame, "take the cup", "agent", steps=0), episode=frame.episode + 1))
    assert panel.box.note.text() == own.format(0)


def test_what_was_not_understood_is_named_and_can_be_written_otherwise(qtbot, panel):
    panel.box.focus_field()
    qtbot.keyClicks(panel.box.field, "open the moon")
    qtbot.keyClick(panel.box.field, Qt.Key.Key_Return)
    panel.refuse(REFUSAL)
    assert panel.box.note.text() == "“moon” is not understood here. Try: open the fridge"
    assert panel.box.field.text() == "open the moon"
    assert panel.box.field.selectedText() == "open the moon"
    qtbot.keyClick(panel.box.field, Qt.Key.Key_X)
    assert not panel.box.note.isVisible()


def test_in_chinese_suggestions_and_note_are_chinese(chinese, qtbot, panel, frame):
    panel.retranslate()
    assert panel.box.field.offered == ["打开冰箱", "拿起杯子"]
    panel.show_frame(instructed(frame, steps=4))
    assert panel.box.note.text() == "你说：“打开冰箱” · 第 4 步"
    panel.show_frame(instructed(frame, steps=4, fulfilled=True))
    assert panel.box.note.text() == "你说：“打开冰箱” · ✓ 4 步后完成"


@pytest.mark.usefixtures("dressed")
def test_it_is_large_enough_for_a_finger_and_nothing_is_cut_off(qtbot, panel, frame):
    panel.show_frame(instructed(frame, text="put the milk in the cupboard", steps=32, fulfilled=False))
    qtbot.wait(20)
    QApplication.processEvents()
    assert panel.box.field.height() >= 44
    assert panel.box.note.height() >= panel.box.note.heightForWidth(panel.box.note.width())
    inside = panel.rect()
    for part in (panel.box.field, panel.box.note, panel.picture, panel.mind):
        corner = part.mapTo(panel, part.rect().bottomRight())
        assert inside.contains(corner)
