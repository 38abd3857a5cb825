import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from agents.commands import EraseMemories, PinMemories
from agents.events import MemoryChanged, MemoryEntry
from widgets.memory.memory_inspector import MemoryInspector
from widgets.memory.memory_model import FIELDS
from widgets.requests import PictureMemory
from widgets.scene import Scene
from widgets.views.entry_model import HUE


@pytest.fixture
def panel(qtbot):
    shown = MemoryInspector()
    qtbot.addWidget(shown)
    shown.resize(700, 360)
    shown.show()
    return shown


def ids(panel):
    model = panel.table.memories
    return [model.entry(row).id for row in range(model.rowCount())]


def place(key):
    return next(at for at, field in enumerate(FIELDS) if field.key == key)


def test_before_a_run_a_note_explains_the_panel(panel):
    panel.draw(Scene())
    assert not panel.table.isVisible()


def test_the_newest_memories_come_first(panel, story):
    panel.draw(Scene(story=story, state="paused"))
    assert panel.table.isVisible()
    assert ids(panel) == [32, 31, 30, 22, 21, 20, 12, 11, 10, 2, 1, 0]


def test_a_row_reads_as_people_read(panel, story):
    panel.draw(Scene(story=story, state="paused"))
    row = [panel.table.memories.index(0, column).data() for column in range(len(FIELDS))]
    assert row == ["Put away", "Put away . apple three left .", "go west", "+2.00", "3,002", "32"]


def test_a_row_has_the_colour_of_its_task(panel, story):
    panel.draw(Scene(story=story, state="paused"))
    model = panel.table.memories
    assert [model.index(row, 0).data(HUE) for row in range(0, 12, 3)] == [3, 2, 1, 0]


def test_search_finds_words_of_sentence_and_action(qtbot, panel, story):
    panel.draw(Scene(story=story, state="paused"))
    panel.search.setText("THREE")
    qtbot.waitUntil(lambda: ids(panel) == [32, 22, 12, 2])
    panel.search.setText("go east")
    qtbot.waitUntil(lambda: ids(panel) == [30, 20, 10, 0])


def test_chips_count_and_filter_by_task(panel, story):
    panel.draw(Scene(story=story, state="paused"))
    texts = [chip.text() for chip in panel.chips._group.buttons()]
    assert texts == ["All  12", "Go to  3", "Balance the pole  3", "Mirror house  3", "Put away  3"]
    panel.chips._group.buttons()[3].click()
    assert ids(panel) == [22, 21, 20]
    panel.chips._group.buttons()[0].click()
    assert len(ids(panel)) == 12


@pytest.mark.parametrize(
    ("key", "order", "first"),
    [
        ("reward", Qt.SortOrder.DescendingOrder, 32),
        ("step", Qt.SortOrder.AscendingOrder, 0),
        ("text", Qt.SortOrder.AscendingOrder, 10),
        ("id", Qt.SortOrder.DescendingOrder, 32),
    ],
)
def test_every_field_sorts(panel, story, key, order, first):
    panel.draw(Scene(story=story, state="paused"))
    panel.table.sortByColumn(place(key), order)
    assert ids(panel)[0] == first


def test_the_picture_of_a_memory_is_requested_and_shown(qtbot, panel, story, asked):
    panel.draw(Scene(story=story, state="paused"))
    panel.table.selectRow(0)
    qtbot.waitUntil(lambda: bool(asked))
    (request,) = asked
    assert isinstance(request, PictureMemory)
    assert request.entry.id == 32
    panel.show_picture(31, np.zeros((8, 8, 3), dtype=np.uint8))
    assert not panel.detail.picture.has_picture
    panel.show_picture(32, np.zeros((8, 8, 3), dtype=np.uint8))
    assert panel.detail.picture.has_picture


def test_a_memory_without_a_picture_state_requests_nothing(qtbot, panel, story, asked):
    panel.draw(Scene(story=story, state="paused"))
    panel.table.selectRow(2)
    qtbot.wait(150)
    assert asked == []


def test_erase_and_delete_send_the_selected_ids(qtbot, panel, story, asked):
    panel.draw(Scene(story=story, state="running"))
    panel.table.selectRow(2)
    qtbot.mouseClick(panel.detail.erase, Qt.MouseButton.LeftButton)
    panel.table.selectRow(5)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert [type(one) for one in asked] == [EraseMemories, EraseMemories]
    assert [one.ids for one in asked] == [(30,), (20,)]


def test_pinned_memories_can_be_unpinned(qtbot, panel, story, asked):
    panel.draw(Scene(story=story, state="paused"))
    panel.table.selectAll()
    assert panel.detail.pin.text() == "Pin"
    panel.detail.pin.click()
    sent = [one for one in asked if isinstance(one, PinMemories)]
    assert sent[0].pinned
    assert len(sent[0].ids) == 12
    story.fold(MemoryChanged(step=3_500, pinned=sent[0].ids))
    panel.draw(Scene(story=story, state="paused"))
    assert panel.detail.pin.text() == "Unpin"
    panel.detail.pin.click()
    assert not asked[-1].pinned


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        ({"state": "stored"}, "Only an active run's memory can be changed"),
        ({"state": "running", "playhead": 2_500}, "This is the past"),
    ],
)
def test_disabled_buttons_show_the_reason(qtbot, panel, story, asked, scene, reason):
    panel.draw(Scene(story=story, **scene))
    panel.table.selectRow(1)
    assert not panel.detail.erase.isEnabled()
    assert not panel.detail.pin.isEnabled()
    assert panel.detail.erase.toolTip().startswith(reason)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert not any(isinstance(one, EraseMemories) for one in asked)


def test_the_playhead_goes_back_to_what_was_remembered_then(panel, story):
    panel.draw(Scene(story=story, playhead=1_500, state="paused"))
    assert ids(panel) == [12, 11, 10, 2, 1, 0]


def test_an_unchanged_scene_costs_nothing(panel, story):
    panel.draw(Scene(story=story, state="running"))
    resets = []
    panel.table.memories.modelReset.connect(lambda: resets.append(1))
    for _ in range(3):
        panel.draw(Scene(story=story, state="running"))
    assert not resets
    assert not panel.inspector.refreshing.isActive()


def test_a_live_run_is_followed_now_and_then_and_the_selection_stays(qtbot, panel, story):
    panel.draw(Scene(story=story, state="running"))
    panel.inspector.refreshing.setInterval(20)
    panel.table.selectRow(3)
    entry = MemoryEntry(id=99, task_id=0, text="new", action="go", reward=0.0, step=3_600)
    story.fold(MemoryChanged(step=3_600, added=(entry,), removed=(31,)))
    panel.draw(Scene(story=story, state="running"))
    assert 99 not in ids(panel)
    qtbot.waitUntil(lambda: ids(panel)[0] == 99)
    assert [one.id for one in panel.table.chosen] == [22]
    assert panel.table.current.id == 22


def test_selected_rows_can_be_copied_into_a_spreadsheet(qtbot, panel, story):
    panel.draw(Scene(story=story, state="paused"))
    panel.table.selectRow(0)
    qtbot.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:2] == ["Task", "Sentence"]
    assert lines[1].split("\t")[1] == "Put away . apple three left ."


def test_many_memories_stay_light(panel, story, monkeypatch):
    many = tuple(
        MemoryEntry(id=id_, task_id=id_ % 4, text=f"apple {id_ % 977}", action="go", reward=0.0, step=3_500)
        for id_ in range(100, 20_100)
    )
    story.fold(MemoryChanged(step=3_500, added=many))
    panel.draw(Scene(story=story, state="paused"))
    painted = []
    data = panel.table.memories.data
    monkeypatch.setattr(panel.table.memories, "data", lambda *a: (painted.append(1), data(*a))[1])
    panel.table.grab()
    assert 0 < len(painted) < 2_000


@pytest.mark.parametrize("width", [430, 1_000])
def test_the_sentence_gets_the_room_that_is_left(panel, story, width):
    panel.resize(width, 330)
    panel.draw(Scene(story=story, state="paused"))
    table = panel.table
    shown = sum(table.columnWidth(at) for at in range(len(FIELDS)) if not table.isColumnHidden(at))
    assert shown <= table.viewport().width() + 2


def test_what_is_looked_at_stays_in_its_place_while_others_come_and_go(panel, story):
    panel.resize(430, 260)
    panel.draw(Scene(story=story, state="paused"))
    panel.table.selectRow(2)
    before = panel.table.rowViewportPosition(panel.table.currentIndex().row())
    new = tuple(
        MemoryEntry(id=200 + at, task_id=0, text="new", action="go", reward=0.0, step=3_600 + at) for at in range(50)
    )
    story.fold(MemoryChanged(step=3_660, added=new))
    panel.draw(Scene(story=story, state="paused"))
    assert panel.table.currentIndex().row() == 52
    assert panel.table.rowViewportPosition(52) == before


def test_the_details_of_a_removed_memory_stay(panel, story):
    panel.draw(Scene(story=story, state="paused"))
    panel.table.selectRow(0)
    story.fold(MemoryChanged(step=3_600, removed=(32,)))
    panel.draw(Scene(story=story, state="paused"))
    words = panel.detail._text.text()
    assert "apple three left" in words
    assert "No longer remembered." in words
    assert not panel.detail.erase.isEnabled()
    panel.table.selectRow(0)
    assert "No longer" not in panel.detail._text.text()


@pytest.mark.parametrize("is_gone", [False, True])
def test_another_theme_paints_the_picture_again_of_a_memory_that_is_gone_too(qtbot, panel, story, asked, is_gone):
    panel.draw(Scene(story=story, state="paused"))
    panel.table.selectRow(0)
    qtbot.waitUntil(lambda: bool(asked))
    panel.show_picture(32, np.zeros((4, 4, 3), np.uint8))
    if is_gone:
        story.fold(MemoryChanged(step=3_600, removed=(32,)))
        panel.draw(Scene(story=story, state="paused"))
    asked.clear()
    panel.restyle()
    qtbot.waitUntil(lambda: bool(asked))
    assert asked[0].entry.id == 32
