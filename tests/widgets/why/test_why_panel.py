from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel

from agents.analysis.collapse import EPISODES, UPDATES
from agents.events import EpisodeFinished, KnowledgeEntry, Updated
from agents.infer.explanation_data import Divergence, Milestone, PhraseBranch, Reasons, Reconsidered
from widgets.requests import DecideWithout
from widgets.scene import Scene
from widgets.why.why_panel import WhyPanel, heaviest_words


@pytest.fixture
def panel(qtbot):
    shown = WhyPanel()
    qtbot.addWidget(shown)
    shown.resize(400, 320)
    shown.show()
    return shown


@pytest.fixture
def reasons(frame):
    words = frame.text.split()
    return Reasons(
        replace(frame, picture=None),
        0,
        tree=(
            PhraseBranch("go", 0, -0.1, -0.1),
            PhraseBranch("north", 1, -0.2, -0.3, 0),
            PhraseBranch("east", 1, -1.4, -1.5, 1),
        ),
        for_choice=tuple((word, place / 10 - 0.3) for place, word in enumerate(words)),
        for_value=tuple((word, 0.0) for word in words),
        divergences=(
            Divergence(Milestone("untrained", 0), 0.13, (0.5, 0.5)),
            Divergence(Milestone("before", 2_000), 0.41, (0.3, 0.7)),
        ),
    )


def collapsed(story):
    """The fourth task goes on badly, and the agent is sure of it."""
    start = story.step
    for place in range(EPISODES):
        story.fold(EpisodeFinished(step=start + place, index=3, task_id=3, reward=0.0, score=0.1, length=1))
    for place in range(UPDATES):
        story.fold(Updated(step=start + EPISODES + place, index=3, terms={"entropy": 0.001}, rate=1.0))
    return story


def test_before_the_first_decision_a_note_explains_the_panel(panel):
    assert not panel.area.isVisible()
    assert panel.subtitle() == ""


def test_a_decision_is_explained_by_words_phrases_and_earlier_agents(panel, reasons):
    panel.show_reasons(reasons)
    assert panel.area.isVisible()
    assert panel.subtitle() == "“go north”, 0.75"
    assert panel.tree.rows == 3
    assert "untrained: would decide somewhat differently" in panel.origins.text()
    assert "step 2,000: would decide somewhat differently" in panel.origins.text()
    assert "untrained: 0.13 nats" in panel.origins.toolTip()
    assert "step 2,000: 0.41 nats" in panel.origins.toolTip()
    assert panel.bars._ghosts == ((0.5, 0.5), (0.3, 0.7))


def test_words_are_weighed_for_the_choice_for_the_value_or_by_attention(panel, reasons):
    panel.show_reasons(reasons)
    shown = []
    for place in range(3):
        panel.by.setCurrentIndex(place)
        shown.append(panel.words._words)
    assert shown == [reasons.for_choice, reasons.for_value, reasons.frame.attention]


def test_the_words_that_count_most_are_named_whichever_way_they_count():
    weights = (("a", 0.1), ("b", -0.5), ("c", 0.0), ("d", 0.3), ("e", 0.2))
    assert heaviest_words(weights) == "b −0.500, d +0.300, e +0.200"
    assert heaviest_words((("a", 0.0),)) == ""


def test_an_agent_without_phrases_is_explained(panel, reasons):
    panel.show_reasons(replace(reasons, tree=(), for_choice=()))
    assert not panel.tree.isVisible()
    assert "without words" in panel._no_tree.text()
    assert "no gradient" in panel._heaviest.toolTip() + panel._heaviest.text()


def test_without_stored_weights_there_is_nothing_to_compare_with(panel, reasons):
    panel.show_reasons(replace(reasons, divergences=()))
    assert "no earlier weights" in panel.origins.text()


def test_the_collapse_warning_follows_the_playhead(panel, story):
    panel.draw(Scene(story=story))
    assert not panel.alarm.isVisible()
    before = story.step
    panel.draw(Scene(story=collapsed(story)))
    assert panel.alarm.isVisible()
    assert "score is 0.10" in panel.alarm.text()
    assert "0.02 nats" in panel.alarm.toolTip()
    panel.draw(Scene(story=story, playhead=before))
    assert not panel.alarm.isVisible()


def test_it_keeps_its_decision_in_another_theme(panel, reasons, dressed):
    panel.show_reasons(reasons)
    panel.restyle()
    assert "would decide" in panel.origins.text()
    panel.grab()


def test_jargon_stands_in_tooltips_alone(panel, reasons, language):
    panel.retranslate()
    panel.show_reasons(reasons)
    panel.show_reconsidered(Reconsidered((7, 2), ("a", "b"), KNOWN[:1], (0.75, 0.25), (0.5, 0.5), (0.81, 0.4), 0.13))
    for label in (panel.origins, panel.recalled.result):
        assert "KL" in label.toolTip()
        assert not any(word in label.text() for word in ("KL", "nats", "奈特"))


KNOWN = tuple(
    KnowledgeEntry(id=at, sentence=text, source="environment")
    for at, text in enumerate(("the apple belongs in the cupboard", "the hall is dark"))
)


def sentences_shown(panel):
    return {label.text() for label in panel.recalled.findChildren(QLabel) if label.isVisible()}


def test_what_it_knew_is_listed_with_a_button_that_decides_without(qtbot, panel, reasons):
    asked = []
    panel.requested.connect(asked.append)
    panel.show_reasons(reasons)
    assert not panel.recalled.isVisible()
    panel.show_reasons(replace(reasons, frame=replace(reasons.frame, recalled=KNOWN)))
    assert panel.recalled.isVisible()
    assert [button.text() for button in panel.recalled.buttons] == [*["Without this"] * 2, "Without any of it"]
    for button in panel.recalled.buttons:
        button.click()
    other = replace(KNOWN[0], sentence="the cup belongs in the fridge")
    panel.show_reasons(replace(reasons, frame=replace(reasons.frame, recalled=(other,))))
    qtbot.waitUntil(lambda: sentences_shown(panel) & {other.sentence, KNOWN[0].sentence} == {other.sentence})
    assert asked == [DecideWithout(ids, (7, 0)) for ids in ((0,), (1,), (0, 1))]


def test_a_repeated_decision_shows_both_and_their_divergence(panel, reasons):
    panel.show_reasons(replace(reasons, frame=replace(reasons.frame, recalled=KNOWN)))
    again = Reconsidered((7, 2), ("go north", "go east"), KNOWN[:1], (0.75, 0.25), (0.5, 0.5), (0.81, 0.4), 0.13)
    panel.show_reconsidered(again)
    text = panel.recalled.result.text()
    without = "without “the apple belongs in the cupboard” it decides somewhat differently"
    assert f"Episode 7, step 2: {without}, value 0.81 → 0.40" in text
    assert panel.recalled.result.toolTip().startswith("0.13 nats")
    assert (panel.recalled.bars._shares, panel.recalled.bars._ghosts) == ((0.75, 0.25), ((0.5, 0.5),))
    panel.show_reasons(replace(reasons, frame=replace(reasons.frame, recalled=KNOWN[1:], time=3)))
    assert panel.recalled.result.text() == text  # stays to be read while the agent moves on
    panel.show_reconsidered(None)
    assert "no longer available" in panel.recalled.result.text()
    assert not panel.recalled.bars.isVisible()
