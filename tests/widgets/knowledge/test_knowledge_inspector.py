"""What the agent knows is searched by words and meaning, on a map, in pairs and over time, and changed while live."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from agents.commands import AddKnowledge, EditKnowledge, EraseKnowledge, PinKnowledge
from agents.config import RunConfig
from agents.config.agent import KnowledgeConfig
from agents.events import KnowledgeChanged, KnowledgeEntry, RunStarted, TasksChanged
from agents.story import Story
from envs.task import Task
from widgets.knowledge.knowledge_inspector import OFFERED, KnowledgeInspector
from widgets.knowledge.sentence_map import size_of
from widgets.requests import ConfigChanged
from widgets.scene import Scene

TASKS = (Task(key="household/rules"), Task(key="household/go-to"))
SUBJECT = "the apple belongs in the {place}"
TOLD = (
    KnowledgeEntry(
        id=0,
        sentence="the apple belongs in the cupboard",
        source="told",
        subject=SUBJECT,
        evidence_for=3.0,
        step=100,
        stage=0,
        task_id=0,
        episode=4,
        uses=7,
    ),
    KnowledgeEntry(
        id=1, sentence="the apple belongs in the basket", source="person", subject=SUBJECT, rival=0, step=150
    ),
    KnowledgeEntry(
        id=2, sentence="I can go to the ball", source="episode", evidence_against=4.0, step=200, task_id=1, uses=1
    ),
    KnowledgeEntry(id=3, sentence="today the cup is hidden", source="told", passing=True, step=300, task_id=1),
)


def lived(entries=TOLD, kept=1_000):
    story = Story([RunStarted(step=0, config=RunConfig(knowledge=KnowledgeConfig(max_entries=kept)))])
    story.fold(TasksChanged(step=0, tasks=TASKS))
    for entry in entries:
        story.fold(KnowledgeChanged(step=entry.step, added=(entry,)))
    return story


@pytest.fixture
def panel(qtbot):
    shown = KnowledgeInspector()
    qtbot.addWidget(shown)
    shown.resize(1_000, 420)
    shown.show()
    return shown


@pytest.fixture
def live(panel):
    """Draws what was lived as a run that goes on."""

    def draw(story=None, **scene):
        panel.draw(Scene(story=story or lived(), **{"state": "running", **scene}))
        return panel

    return draw


def ids(panel):
    return [entry.id for entry in panel.table.sentences.shown]


def test_an_agent_without_knowledge_says_what_it_is_and_turns_it_on(panel, asked):
    panel.draw(Scene(story=lived((), kept=0), state="stored"))
    assert panel.offer.isVisible()
    assert not panel.table.isVisible()
    panel.offer.click()
    (request,) = asked
    assert isinstance(request, ConfigChanged)
    assert (request.config.knowledge.max_entries, request.changes) == (OFFERED, {"knowledge.max_entries": OFFERED})
    panel.show_config(request.config)
    assert not panel.offer.isVisible()
    assert "1,000" in panel._note._note.text()


def test_an_agent_that_knows_nothing_yet_can_be_told(live, asked, qtbot):
    panel = live(lived(()))
    qtbot.keyClicks(panel.teller.line, "  the hall   is dark ")
    qtbot.keyClick(panel.teller.line, Qt.Key.Key_Return)
    assert [(type(one), one.sentence) for one in asked] == [(AddKnowledge, "the hall is dark")]
    assert panel.teller.line.text() == ""


def test_a_row_tells_all_of_a_sentence(live):
    panel = live()
    model = panel.table.sentences
    row = ids(panel).index(0)
    told = {field.key: model.index(row, at).data() for at, field in enumerate(model.fields)}
    assert told == {
        "task": "House rules",
        "sentence": "the apple belongs in the cupboard",
        "alike": "–",
        "confidence": "0.80",
        "evidence": "3.0 : 0.0",
        "uses": "7",
        "state": "confirmed",
        "source": "a world told it",
        "step": "100",
    }
    assert panel.subtitle() == "4 sentences"


@pytest.mark.parametrize(
    ("source", "state", "found"),
    [
        ("", "", [3, 2, 1, 0]),
        ("told", "", [3, 0]),
        ("person", "", [1]),
        ("", "refuted", [2, 1]),
        ("", "open", [3]),
        ("told", "passing", [3]),
        ("distilled", "", []),
    ],
)
def test_lists_filter_by_source_and_state(live, source, state, found):
    panel = live()
    for combo, key in ((panel.filter.source, source), (panel.filter.state, state)):
        combo.setCurrentIndex(combo.findData(key))
        combo.activated.emit(combo.currentIndex())
    assert ids(panel) == found


def test_a_search_is_by_words_or_by_meaning(live, qtbot):
    panel = live()
    panel.filter.search.setText("BASKET apple")
    with qtbot.waitSignal(panel.narrowed):
        qtbot.waitUntil(lambda: ids(panel) == [1])
    assert panel.subtitle() == "1 of 4 sentences"
    panel.filter.by.setCurrentIndex(1)
    panel.filter.search.setText("put the apple in the basket")
    qtbot.waitUntil(lambda: ids(panel) == [1, 0])
    alike = panel.table.sentences.column_of("alike")
    assert not panel.table.isColumnHidden(alike)
    assert float(panel.table.sentences.index(0, alike).data()) > float(panel.table.sentences.index(1, alike).data()) > 0
    panel.filter.search.clear()
    qtbot.waitUntil(lambda: ids(panel) == [3, 2, 1, 0])
    assert panel.table.isColumnHidden(alike)


def test_a_refuted_sentence_names_the_one_that_is_believed(live):
    panel = live()
    panel.table.choose(1)
    assert "refuted by “the apple belongs in the cupboard”, confidence 0.80" in panel.detail.text()
    panel.table.choose(0)
    assert "stage 1" in panel.detail.text()
    assert "step 100, episode 4" in panel.detail.text()


def test_contradictions_are_pairs_with_the_reason(live, asked):
    panel = live()
    panel.views.turn("pairs")
    (row,) = [[panel.views.pairs.pairs.index(0, at).data() for at in range(3)]]
    assert row == [
        "the apple belongs in the cupboard (0.80)",
        "the apple belongs in the basket (0.50)",
        "it has more evidence",
    ]
    panel.views.pairs.selectRow(0)
    panel.teller.erase.click()
    assert asked[-1].ids == (1,)


def test_selected_sentences_are_pinned_unpinned_and_erased(live, asked, qtbot):
    panel = live()
    panel.table.selectAll()
    panel.teller.pin.click()
    assert isinstance(asked[-1], PinKnowledge)
    assert (sorted(asked[-1].ids), asked[-1].pinned) == ([0, 1, 2, 3], True)
    live(lived([replace(entry, pinned=True) for entry in TOLD]))
    panel.table.selectAll()
    panel.teller.pin.click()
    assert not asked[-1].pinned
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert isinstance(asked[-1], EraseKnowledge)


def test_a_sentence_is_edited_where_sentences_are_told(live, asked, qtbot):
    panel = live()
    panel.table.choose(2)
    panel.teller.edit.click()
    assert panel.teller.line.text() == "I can go to the ball"
    assert panel.teller.fold.text() == "Replace"
    qtbot.keyClick(panel.teller.line, Qt.Key.Key_Escape)
    assert panel.teller.fold.text() == "Tell"
    panel.teller.edit.click()
    panel.teller.line.setText("I can go to the cup")
    panel.teller.fold.click()
    assert isinstance(asked[-1], EditKnowledge)
    assert (asked[-1].entry, asked[-1].sentence) == (2, "I can go to the cup")


@pytest.mark.parametrize(
    ("scene", "reason"),
    [({"state": "stored"}, "Only a run"), ({"playhead": 250}, "The past can't be told")],
)
def test_what_cannot_be_changed_says_why(live, asked, qtbot, scene, reason):
    panel = live(**scene)
    panel.table.selectRow(0)
    teller = panel.teller
    assert teller.line.placeholderText().startswith(reason)
    for part in (teller.line, teller.fold, teller.pin, teller.edit, teller.erase):
        assert not part.isEnabled()
        assert part.toolTip().startswith(reason)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert asked == []


def test_the_playhead_shows_what_was_known_then(live):
    panel = live(playhead=160)
    assert ids(panel) == [1, 0]
    panel.views.turn("curves")
    assert "At step 160: 2 sentences known (full line), 1 of them refuted" in panel.views.curves._words.text()
    assert panel.views.curves.known.yData.tolist() == [1, 2, 3, 4]
    live()
    assert "At step 300: 4 sentences" in panel.views.curves._words.text()


def test_the_map_places_what_the_table_shows_and_a_press_selects_it(live, qtbot):
    panel = live()
    panel.views.turn("map")
    shown = [point.data().id for point in panel.views.map.dots.points()]
    assert shown == ids(panel)
    assert len({(point.pos().x(), point.pos().y()) for point in panel.views.map.dots.points()}) == 4
    panel.views.map.dots.sigClicked.emit(panel.views.map.dots, panel.views.map.dots.points()[:1], None)
    assert panel.table.current.id == shown[0]
    assert panel.detail.text().startswith("<b>today the cup is hidden")
    panel.filter.state.setCurrentIndex(panel.filter.state.findData("refuted"))
    panel.filter.state.activated.emit(3)
    assert [point.data().id for point in panel.views.map.dots.points()] == [2, 1]


def test_hovering_reads_sentences_out(live, monkeypatch):
    panel, said = live(), []
    panel.views.turn("map")
    monkeypatch.setattr("widgets.knowledge.sentence_map.QToolTip.showText", lambda *a: said.append(a[1]))
    panel.views.map._read_out(None, list(panel.views.map.dots.points())[:2])
    assert said == ["today the cup is hidden<br>I can go to the ball"]


def test_size_grows_with_use_up_to_a_bound():
    sizes = [size_of(uses) for uses in (0, 1, 10, 10**9)]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == 26


def test_five_thousand_sentences_find_their_place_while_the_window_lives(live, qtbot):
    rng = np.random.default_rng(0)
    rows = rng.integers(300, size=(5_000, 3)).tolist()
    many = [
        KnowledgeEntry(id=at, sentence=f"{at} thing{a} belongs in place{b} of room{c}", source="told", task_id=at % 2)
        for at, (a, b, c) in enumerate(rows)
    ]
    panel = live(lived(many))
    panel.views.turn("map")
    qtbot.waitUntil(lambda: len(panel.views.map.dots.points()) == 5_000, timeout=20_000)
    panel.views.map.canvas.grab()
    low, high = (panel.views.map._view.viewRect().topLeft(), panel.views.map._view.viewRect().bottomRight())
    assert isinstance(low, QPointF)
    assert high.x() > low.x()


@pytest.mark.parametrize("width", [380, 700, 1_000])
def test_it_is_painted_in_each_theme_and_width(live, dressed, qtbot, width):
    panel = live()
    panel.resize(width, 300)
    for key in ("table", "map", "pairs", "curves"):
        panel.views.turn(key)
        panel.restyle()
        assert not panel.grab().isNull()
