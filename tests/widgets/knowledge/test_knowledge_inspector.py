"""The knowledge panel searches, shows and edits sentences."""

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
ENTRIES = (
    KnowledgeEntry(
        id=0,
        sentence="the apple belongs in the cupboard",
        source="environment",
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
    KnowledgeEntry(id=3, sentence="today the cup is hidden", source="environment", passing=True, step=300, task_id=1),
)


def make_story(entries=ENTRIES, max_entries=1_000):
    story = Story([RunStarted(step=0, config=RunConfig(knowledge=KnowledgeConfig(max_entries=max_entries)))])
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
    """Return a function that draws a story as a running run."""

    def draw(story=None, **scene):
        panel.draw(Scene(story=story or make_story(), **{"state": "running", **scene}))
        return panel

    return draw


def ids(panel):
    return [entry.id for entry in panel.table.sentences.shown]


def test_without_knowledge_the_panel_explains_it_and_turns_it_on(panel, asked):
    panel.draw(Scene(story=make_story((), max_entries=0), state="stored"))
    assert panel.offer.isVisible()
    assert not panel.table.isVisible()
    panel.offer.click()
    (request,) = asked
    assert isinstance(request, ConfigChanged)
    assert (request.config.knowledge.max_entries, request.changes) == (OFFERED, {"knowledge.max_entries": OFFERED})
    panel.show_config(request.config)
    assert not panel.offer.isVisible()
    assert "1,000" in panel._note._note.text()


def test_a_first_sentence_can_be_added(live, asked, qtbot):
    panel = live(make_story(()))
    qtbot.keyClicks(panel.editor.line, "  the hall   is dark ")
    qtbot.keyClick(panel.editor.line, Qt.Key.Key_Return)
    assert [(type(command), command.sentence) for command in asked] == [(AddKnowledge, "the hall is dark")]
    assert panel.editor.line.text() == ""


def test_a_row_shows_every_field_of_a_sentence(live):
    panel = live()
    model = panel.table.sentences
    row = ids(panel).index(0)
    texts = {field.key: model.index(row, column).data() for column, field in enumerate(model.fields)}
    assert texts == {
        "task": "House rules",
        "sentence": "the apple belongs in the cupboard",
        "similarity": "–",
        "confidence": "0.80",
        "evidence": "3.0 : 0.0",
        "uses": "7",
        "state": "confirmed",
        "source": "from the world",
        "step": "100",
    }
    assert panel.subtitle() == "4 sentences"


@pytest.mark.parametrize(
    ("source", "state", "found"),
    [
        ("", "", [3, 2, 1, 0]),
        ("environment", "", [3, 0]),
        ("person", "", [1]),
        ("", "refuted", [2, 1]),
        ("", "open", [3]),
        ("environment", "passing", [3]),
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
    similarity = panel.table.sentences.column_of("similarity")
    assert not panel.table.isColumnHidden(similarity)
    assert (
        float(panel.table.sentences.index(0, similarity).data())
        > float(panel.table.sentences.index(1, similarity).data())
        > 0
    )
    panel.filter.search.clear()
    qtbot.waitUntil(lambda: ids(panel) == [3, 2, 1, 0])
    assert panel.table.isColumnHidden(similarity)


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
    panel.editor.erase.click()
    assert asked[-1].ids == (1,)


def test_selected_sentences_are_pinned_unpinned_and_erased(live, asked, qtbot):
    panel = live()
    panel.table.selectAll()
    panel.editor.pin.click()
    assert isinstance(asked[-1], PinKnowledge)
    assert (sorted(asked[-1].ids), asked[-1].pinned) == ([0, 1, 2, 3], True)
    live(make_story([replace(entry, pinned=True) for entry in ENTRIES]))
    panel.table.selectAll()
    panel.editor.pin.click()
    assert not asked[-1].pinned
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert isinstance(asked[-1], EraseKnowledge)


def test_a_sentence_is_replaced_with_the_same_line_edit(live, asked, qtbot):
    panel = live()
    panel.table.choose(2)
    panel.editor.edit.click()
    assert panel.editor.line.text() == "I can go to the ball"
    assert panel.editor.submit.text() == "Replace"
    qtbot.keyClick(panel.editor.line, Qt.Key.Key_Escape)
    assert panel.editor.submit.text() == "Add"
    panel.editor.edit.click()
    panel.editor.line.setText("I can go to the cup")
    panel.editor.submit.click()
    assert isinstance(asked[-1], EditKnowledge)
    assert (asked[-1].entry, asked[-1].sentence) == (2, "I can go to the cup")


@pytest.mark.parametrize(
    ("scene", "reason"),
    [({"state": "stored"}, "Only an active run"), ({"playhead": 250}, "The past can't be changed")],
)
def test_disabled_controls_show_the_reason(live, asked, qtbot, scene, reason):
    panel = live(**scene)
    panel.table.selectRow(0)
    editor = panel.editor
    assert editor.line.placeholderText().startswith(reason)
    for part in (editor.line, editor.submit, editor.pin, editor.edit, editor.erase):
        assert not part.isEnabled()
        assert part.toolTip().startswith(reason)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert asked == []


def test_the_playhead_shows_what_was_known_then(live):
    panel = live(playhead=160)
    assert ids(panel) == [1, 0]
    panel.views.turn("curves")
    assert "At step 160: 2 sentences known (full line), 1 of them refuted" in panel.views.curves._summary.text()
    assert panel.views.curves.known.yData.tolist() == [1, 2, 3, 4]
    live()
    assert "At step 300: 4 sentences" in panel.views.curves._summary.text()


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
    panel, shown = live(), []
    panel.views.turn("map")
    monkeypatch.setattr("widgets.knowledge.sentence_map.QToolTip.showText", lambda *a: shown.append(a[1]))
    panel.views.map._show_tooltip(None, list(panel.views.map.dots.points())[:2])
    assert shown == ["today the cup is hidden<br>I can go to the ball"]


def test_size_grows_with_use_up_to_a_bound():
    sizes = [size_of(uses) for uses in (0, 1, 10, 10**9)]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == 26


def test_five_thousand_sentences_are_placed_without_blocking(live, qtbot):
    rng = np.random.default_rng(0)
    rows = rng.integers(300, size=(5_000, 3)).tolist()
    many = [
        KnowledgeEntry(
            id=at, sentence=f"{at} thing{a} belongs in place{b} of room{c}", source="environment", task_id=at % 2
        )
        for at, (a, b, c) in enumerate(rows)
    ]
    panel = live(make_story(many))
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
