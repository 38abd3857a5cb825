"""The inspectors of memories and of knowledge: refreshing, the playhead, pinning and erasing."""

import pytest
from PySide6.QtCore import Qt

from agents.commands import EraseKnowledge, EraseMemories, PinKnowledge, PinMemories
from agents.config import RunConfig
from agents.config.agent import KnowledgeConfig
from agents.events import KnowledgeChanged, KnowledgeEntry, MemoryChanged, MemoryEntry, RunStarted, TasksChanged
from agents.story import Story
from envs.task import Task
from widgets.knowledge.knowledge_inspector import KnowledgeInspector
from widgets.memory.memory_inspector import MemoryInspector
from widgets.scene import Scene


def memory(id_, step):
    entry = MemoryEntry(id=id_, task_id=0, text=f"sentence {id_}", action="go", reward=0.0, step=step)
    return MemoryChanged(step=step, added=(entry,))


def sentence(id_, step):
    return KnowledgeChanged(
        step=step, added=(KnowledgeEntry(id=id_, sentence=f"sentence {id_}", source="environment", step=step),)
    )


KINDS = {
    MemoryInspector: (memory, PinMemories, EraseMemories),
    KnowledgeInspector: (sentence, PinKnowledge, EraseKnowledge),
}


@pytest.fixture(params=list(KINDS))
def panel(qtbot, request):
    panel = request.param()
    qtbot.addWidget(panel)
    panel.resize(700, 360)
    panel.show()
    return panel


@pytest.fixture
def story(panel):
    """A run that stores one entry at each of the steps 100, 200 and 300."""
    added = KINDS[type(panel)][0]
    started = RunStarted(step=0, config=RunConfig(knowledge=KnowledgeConfig(max_entries=100)))
    story = Story([started, TasksChanged(step=0, tasks=(Task(key="household/go-to"),))])
    for id_ in range(3):
        story.fold(added(id_, 100 * (id_ + 1)))
    return story


def ids(panel):
    model = panel.table.entry_model
    return [model.entry(row).id for row in range(model.rowCount())]


def test_a_live_run_is_followed_now_and_then(qtbot, panel, story):
    panel.draw(Scene(story=story, state="running"))
    panel.inspector.refreshing.setInterval(20)
    story.fold(KINDS[type(panel)][0](9, 400))
    panel.draw(Scene(story=story, state="running"))
    assert ids(panel) == [2, 1, 0]
    qtbot.waitUntil(lambda: ids(panel) == [9, 2, 1, 0])


@pytest.mark.parametrize("state", ["running", "paused", "stored"])
def test_another_playhead_is_shown_at_once(panel, story, state):
    for playhead, stored in ((None, [2, 1, 0]), (250, [1, 0]), (150, [0]), (None, [2, 1, 0])):
        panel.draw(Scene(story=story, state=state, playhead=playhead))
        assert ids(panel) == stored


@pytest.mark.parametrize("state", ["running", "paused", "stored"])
def test_another_run_is_shown_at_once(panel, story, state):
    panel.draw(Scene(story=story, state=state))
    other = Story([RunStarted(step=0, config=story.config), TasksChanged(step=0, tasks=story.tasks)])
    other.fold(KINDS[type(panel)][0](7, 100))
    panel.draw(Scene(story=other, state=state))
    assert ids(panel) == [7]


def test_an_unchanged_scene_fills_nothing_in_again(panel, story):
    panel.draw(Scene(story=story, state="running"))
    filled = []
    panel.inspector.refreshed.connect(filled.append)
    for _ in range(3):
        panel.draw(Scene(story=story, state="running"))
    assert not filled
    assert not panel.inspector.refreshing.isActive()


def buttons(panel):
    owner = panel.detail if isinstance(panel, MemoryInspector) else panel.editor
    return owner.pin, owner.erase


def test_the_buttons_and_the_delete_key_pin_and_erase_what_is_selected(qtbot, panel, story, asked):
    _, pinned, erased = KINDS[type(panel)]
    panel.draw(Scene(story=story, state="running"))
    pin, erase = buttons(panel)
    assert not pin.isEnabled()
    assert not erase.isEnabled()
    panel.table.selectRow(1)
    pin.click()
    erase.click()
    panel.table.selectRow(0)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    commands = [command for command in asked if isinstance(command, pinned | erased)]
    assert [(type(command), command.ids) for command in commands] == [(pinned, (1,)), (erased, (1,)), (erased, (2,))]
    assert commands[0].pinned


@pytest.mark.parametrize("scene", [{"state": "stored"}, {"state": "running", "playhead": 250}])
def test_in_the_past_or_after_the_run_the_buttons_are_disabled_with_a_reason(qtbot, panel, story, asked, scene):
    panel.draw(Scene(story=story, **scene))
    panel.table.selectRow(0)
    for button in buttons(panel):
        assert not button.isEnabled()
        assert button.toolTip() == panel.inspector.objection
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert not any(isinstance(request, KINDS[type(panel)][2]) for request in asked)


def test_a_cleared_panel_shows_its_entries_again_when_drawn(panel, story):
    panel.draw(Scene(story=story, state="paused"))
    panel.clear()
    assert ids(panel) == []
    panel.draw(Scene(story=story, state="paused"))
    assert ids(panel) == [2, 1, 0]
