from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication

from widgets.live.live_view import LiveView
from widgets.live.watch_controls import SPEEDS
from widgets.requests import Watch, WatchBoth, WatchReset, WatchSpeed, WatchStep
from widgets.scene import Scene
from widgets.views.word_flow import WordFlow


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget):
        super().__init__(widget)
        self.number = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):  # noqa: N802
        self.number += event.type() == QEvent.Type.Paint
        return False


@pytest.fixture
def panel(qtbot):
    shown = LiveView()
    qtbot.addWidget(shown)
    shown.resize(640, 290)
    shown.show()
    return shown


def test_before_the_first_frame_a_note_explains_the_panel(panel):
    assert not panel.picture.isVisible()
    assert panel.subtitle() == ""


def test_a_frame_shows_the_world_and_the_mind(panel, frame):
    panel.show_frame(frame)
    assert panel.picture.isVisible()
    assert panel.picture.has_picture
    assert panel.subtitle() == "Mirror house · step 3,400 · episode 7"
    assert panel.mind.bars.likeliest == 0
    assert panel.mind._value.text() == "value 0.81 · reward +0.35"


def test_the_picture_is_what_the_world_drew(qtbot, panel, frame):
    picture = np.zeros((60, 60, 3), dtype=np.uint8)
    picture[:, 30:] = (200, 10, 20)
    panel.show_frame(replace(frame, picture=picture))
    drawn, box = panel.picture.grab().toImage(), panel.picture.picture_rect()
    assert box.width() == box.height()
    middle = int(box.center().y())
    assert drawn.pixelColor(int(box.left() + box.width() * 0.75), middle).red() == 200
    assert drawn.pixelColor(int(box.left() + box.width() * 0.25), middle).red() == 0


def test_a_frame_without_a_picture_leaves_the_last_one_standing(panel, frame):
    panel.show_frame(frame)
    panel.show_frame(replace(frame, picture=None, value=0.5))
    assert panel.picture.has_picture
    assert "value 0.50" in panel.mind._value.text()


def test_only_what_changed_is_painted(qtbot, panel, frame):
    panel.show_frame(frame)
    qtbot.wait(300)
    parts = (panel.mind.words, panel.mind.bars, panel.mind.memories, panel.picture)
    paints = [Paints(part) for part in parts]
    for _ in range(3):
        panel.show_frame(replace(frame, picture=None))
        qtbot.wait(10)
    assert [paint.number for paint in paints] == [0, 0, 0, 0]
    panel.show_frame(replace(frame, picture=None, probabilities=(0.5, 0.5)))
    qtbot.waitUntil(lambda: paints[1].number > 0)
    assert paints[0].number == 0


def test_an_unchanged_scene_costs_nothing(qtbot, panel, story, frame, monkeypatch):
    panel.draw(Scene(story=story))
    panel.show_frame(frame)
    qtbot.waitUntil(lambda: not panel._indexing.isActive() and len(panel._recall) > 0)
    monkeypatch.setattr(panel._recall, "update", lambda *_: pytest.fail("indexed again"))
    for _ in range(3):
        panel.draw(Scene(story=story))
    assert not panel._indexing.isActive()


def test_the_score_stays_until_the_next_episode(panel, frame):
    panel.show_frame(replace(frame, score=1.0))
    panel.show_frame(replace(frame, score=None))
    assert "score 1.00" in panel.mind._value.text()
    panel.show_frame(replace(frame, episode=8))
    assert "score" not in panel.mind._value.text()


def test_it_recalls_the_memories_most_similar_to_the_frame(qtbot, panel, story, frame):
    panel.draw(Scene(story=story))
    panel.show_frame(frame)
    qtbot.waitUntil(lambda: bool(panel.mind.memories._entries))
    assert panel.mind.memories._entries[0].text == frame.text
    assert "Mirror house" in panel.mind.memories.accessibleDescription()


def test_any_task_of_the_curriculum_can_be_watched(qtbot, panel, story, asked):
    panel.draw(Scene(story=story))
    combo = panel.controls.task
    texts = [combo.itemText(place) for place in range(combo.count())]
    assert texts == ["in training", "Go to", "Balance the pole", "Mirror house", "Put away"]
    combo.setCurrentIndex(3)
    combo.activated.emit(3)
    combo.setCurrentIndex(0)
    combo.activated.emit(0)
    assert asked == [Watch(story.tasks[2]), Watch(None)]


def test_the_watched_task_stays_when_the_curriculum_changes(panel, story, asked):
    panel.draw(Scene(story=story))
    panel.controls.task.setCurrentIndex(2)
    panel.controls.set_tasks((story.tasks[1], story.tasks[0]))
    assert panel.controls.watched == story.tasks[1]
    panel.controls.set_tasks((story.tasks[0],))
    assert asked == [Watch(None)]


def test_step_reset_and_speed_are_asked_for(qtbot, panel, asked):
    qtbot.mouseClick(panel.controls.reset, Qt.MouseButton.LeftButton)
    panel.controls.speed.setValue(len(SPEEDS) - 1)
    qtbot.mouseClick(panel.controls.step, Qt.MouseButton.LeftButton)
    assert asked == [WatchReset(), WatchSpeed(SPEEDS[-1]), WatchStep()]
    assert panel.controls.speed.accessibleDescription() == "holding still"


@pytest.mark.parametrize("width", [120, 300, 900])
@pytest.mark.parametrize("words", [1, 14, 80])
def test_no_word_of_a_sentence_is_clipped(qtbot, width, words):
    flow = WordFlow()
    qtbot.addWidget(flow)
    flow.show_words(" ".join(["apple"] * words))
    places = flow._boxes(width)
    assert len(places) == words
    assert all(place.right() <= width for place in places)
    assert max(place.bottom() for place in places) <= flow.heightForWidth(width)


def test_words_that_are_looked_at_are_shaded_more(qtbot, dressed):
    flow = WordFlow()
    qtbot.addWidget(flow)
    flow.resize(300, 30)
    flow.show_words("a b", (("a", 0.9), ("b", 0.1)))
    drawn = flow.grab().toImage()
    strong, faint = (drawn.pixelColor(int(place.left()) + 3, int(place.center().y())) for place in flow._boxes(300))
    card = theme_distance(dressed.card)
    assert card(strong) > card(faint)


def theme_distance(colour):
    ground = int(colour[1:3], 16)
    return lambda other: abs(other.red() - ground)


@pytest.mark.parametrize(("width", "height"), [(600, 270), (640, 330), (1_400, 700)])
def test_everything_fits_into_the_panel(qtbot, panel, story, frame, width, height):
    panel.resize(width, height)
    panel.draw(Scene(story=story))
    panel.show_frame(frame)
    mind = panel.mind
    parts = [mind._reads, mind._words_area, mind._will, mind.bars, mind._remembered, mind.memories]

    def fits():
        bottoms = [part.geometry().bottom() for part in parts]
        tops = [part.geometry().top() for part in parts]
        assert all(above < below for above, below in zip(bottoms, tops[1:], strict=False))
        assert bottoms[-1] <= mind.height()
        assert mind.geometry().right() <= panel.width()

    qtbot.waitUntil(fits)  # heights are shared out once the events at hand are done


def compared(panel, frame, **changes):
    """Show `frame` of the agent at the playhead, and a frame of the newest agent beside it."""
    panel.show_frame(frame)
    panel.show_compared(replace(frame, agent_step=61_000, **changes))


def test_then_and_now_stand_side_by_side_until_the_past_is_left(qtbot, panel, frame):
    compared(panel, frame, probabilities=(0.1, 0.9))
    assert panel.is_comparing
    assert not panel.picture.isVisible()
    assert (panel.pair.then.bars.likeliest, panel.pair.now.bars.likeliest) == (0, 0)
    assert "step 3,400" in panel.pair.then.caption._full_text
    assert "step 61,000" in panel.pair.now.caption._full_text
    panel.show_compared(None)
    assert panel.picture.isVisible()
    assert not panel.pair.isVisible()
    assert panel.picture.has_picture


def test_each_side_shows_its_own_agent(panel, frame):
    compared(panel, frame, text="Mirror house . pear", attention=(), value=0.1, total=-1.0)
    compared(panel, replace(frame, time=1), text="Mirror house . pear", attention=(), value=0.1, total=-1.0)
    assert panel.pair.then.words.accessibleDescription() == frame.text
    assert panel.pair.now.words.accessibleDescription() == "Mirror house . pear"
    assert panel.pair.then.caption._full_text.endswith("reward +0.35 · value 0.81")
    assert panel.pair.now.caption._full_text.endswith("reward -1.00 · value 0.10")


@pytest.mark.parametrize(("width", "height"), [(510, 280), (600, 270), (640, 340), (1_400, 700), (900, 1_200)])
@pytest.mark.parametrize("actions", [2, 4, 12])
def test_both_sides_fit_into_the_panel(qtbot, panel, frame, width, height, actions):
    names = tuple(f"action {at}" for at in range(actions))
    many = replace(frame, actions=names, probabilities=(1 / actions,) * actions, action=None)
    panel.resize(width, height)
    compared(panel, many)
    compared(panel, many)
    qtbot.wait(30)
    for side in (panel.pair.then, panel.pair.now):
        parts = [side.picture, side.caption, side.action_line, side.bars, side._words_area]
        shown = [part.geometry() for part in parts if part.isVisible()]
        assert all(above.bottom() < below.top() for above, below in pairwise(shown))
        assert shown[-1].bottom() <= side.height()
        assert side.action_line.isVisible() != side.bars.isVisible()
    assert panel.pair.geometry().bottom() <= panel.height()


@pytest.mark.parametrize(("width", "height", "least"), [(510, 280, 170), (600, 330, 220), (1_260, 660, 380)])
def test_the_pictures_take_the_room(qtbot, panel, frame, width, height, least):
    """Heights and widths of the card in windows of 1280x800, 1440x900 and 2560x1440."""
    panel.resize(width, height)
    compared(panel, frame)
    compared(panel, frame)
    qtbot.wait(30)
    assert panel.pair.side >= least


def test_where_bars_do_not_fit_one_line_shows_each_agents_action(qtbot, panel, frame):
    panel.resize(510, 280)
    compared(panel, frame)
    for action, probabilities, text in (
        (0, (0.75, 0.25), "› go north 0.75"),
        (1, (0.75, 0.25), "› go east 0.25 · likeliest: go north 0.75"),
        (None, (0.25, 0.75), "likeliest: go east 0.75"),
    ):
        panel.show_frame(replace(frame, action=action, probabilities=probabilities))
        assert panel.pair.then.action_line._full_text == text


def test_both_scores_stand_under_the_pictures(panel, story, frame):
    panel.draw(Scene(story=story, playhead=1_500))
    compared(panel, frame)  # the third task: 0.1 then, 0.95 now
    assert panel.pair.then.caption._full_text.startswith("then 0.10 · Mirror house")
    assert panel.pair.now.caption._full_text.startswith("now 0.95 · Mirror house")
    panel.draw(Scene(story=story, playhead=500))
    assert panel.pair.then.caption._full_text.startswith("then 0.20")
    other = replace(frame, task=story.tasks[0], task_id=0)
    compared(panel, other)
    assert panel.pair.then.caption._full_text.startswith("then 0.30 · Go to")
    assert panel.pair.now.caption._full_text.startswith("now 0.40 · Go to")


def test_while_two_agents_are_compared_the_first_choice_is_what_changed_most(panel, story):
    panel.draw(Scene(story=story))
    assert panel.controls.task.itemText(0) == "in training"
    panel.draw(Scene(story=story, playhead=1_200))
    assert panel.controls.task.itemText(0) == "changed most"
    panel.controls.compare.click()
    assert panel.controls.task.itemText(0) == "in training"


def test_an_instant_that_only_moves_writes_nothing_again(qtbot, panel, frame):
    compared(panel, frame)
    compared(panel, frame)
    qtbot.wait(300)
    parts = (panel.pair.now.words, panel.pair.now.bars, panel.pair.then.bars)
    paints = [Paints(part) for part in parts]
    for _ in range(3):
        compared(panel, frame)
        qtbot.wait(10)
    assert [paint.number for paint in paints] == [0, 0, 0]


def test_comparing_is_offered_only_where_the_past_is_looked_at(panel, story, asked):
    panel.draw(Scene(story=story))
    assert panel.controls.compare.isHidden()
    panel.draw(Scene(story=story, playhead=1_200))
    assert not panel.controls.compare.isHidden()
    panel.controls.compare.click()
    panel.controls.compare.click()
    assert asked == [WatchBoth(wanted=False), WatchBoth(wanted=True)]


@pytest.mark.parametrize("words", [3, 14, 40])
def test_what_is_painted_first_already_has_its_room(panel, frame, words):
    panel.resize(520, 340)
    panel.show_frame(frame)
    QApplication.processEvents()
    text = " ".join(["apple"] * words)
    panel.show_frame(replace(frame, text=text, attention=(), time=1))
    mind = panel.mind
    needed, room = mind.words.heightForWidth(mind.width()), mind._words_area.maximumHeight()
    scrolls = mind._words_area.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOn
    assert room < needed if scrolls else room == needed


@pytest.mark.parametrize("actions", range(2, 9))
def test_actions_come_before_memories(panel, frame, actions):
    """In the card of a window of 1280x800, with a sentence of two lines."""
    panel.resize(500, 285)
    names = tuple(f"go {at}" for at in range(actions))
    panel.show_frame(replace(frame, actions=names, probabilities=(1 / actions,) * actions, action=None))
    QApplication.processEvents()
    assert len(panel.mind.bars.drawn) >= min(actions, 3)
    assert panel.mind.bars.hidden == () or actions > 4
