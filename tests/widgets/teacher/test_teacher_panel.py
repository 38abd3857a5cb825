import numpy as np
import pytest

from agents.config import RunConfig
from agents.events import RunStarted, StageStarted, Updated
from agents.story import Story
from envs.curriculum import Stage
from widgets.scene import Scene
from widgets.teacher.teacher_panel import TeacherPanel

STAGE = Stage(id="a", task="household/go-to", teaching={"teacher": "expert"})


def told(*closeness, every=100):
    """A story of two stages, a row of agreements each."""
    story = Story([RunStarted(step=0, config=RunConfig(stages=(STAGE,)))])
    step = 0
    for index, part in enumerate(closeness):
        story.fold(StageStarted(step=step, index=index, task_id=0, stage=STAGE))
        for share in part:
            step += every
            terms = {"agreement": share, "teacher_kl": 2 * (1 - share)}
            story.fold(Updated(step=step, index=index, terms=terms, rate=1.0))
    return story


@pytest.fixture
def panel(qtbot):
    panel = TeacherPanel()
    qtbot.addWidget(panel)
    panel.resize(600, 240)
    panel.show()
    return panel


def test_it_draws_every_agreement_and_says_the_newest(panel):
    panel.draw(Scene(story=told([0.25, 0.5, 0.75])))
    x, y = panel.agreement.getData()
    assert list(zip(x, y, strict=True)) == [(100, 0.25), (200, 0.5), (300, 0.75)]
    assert "75%" in panel.words.text()
    assert "it decides differently, as at first" in panel.words.text()
    assert "now 0.50 nats, at first 1.50 nats" in panel.words.toolTip()


def test_the_past_ends_at_the_playhead(panel):
    panel.draw(Scene(story=told([0.25, 0.5, 0.75]), playhead=200))
    assert panel.agreement.getData()[0][-1] == 200
    assert "50%" in panel.words.text()


def test_no_line_leads_from_one_stage_to_the_next(panel):
    panel.draw(Scene(story=told([0.2, 0.4], [0.6, 0.8])))
    _, y = panel.agreement.getData()
    assert np.isnan(y).tolist() == [False, False, True, False, False]


@pytest.mark.parametrize("scene", [Scene(), Scene(story=told([]))], ids=["no run", "nobody taught"])
def test_without_a_teacher_it_says_how_to_get_one(panel, scene):
    panel.draw(scene)
    assert not panel.words.isVisible()
    assert panel.words.text() == ""


def test_a_gap_wider_than_one_nat_is_seen_whole(panel):
    panel.draw(Scene(story=told([0.0, 0.5])))
    assert panel.plot.view.viewRange()[1][1] >= 2.0


def test_what_it_was_at_first_is_what_it_was_when_the_newest_stage_began(panel):
    panel.draw(Scene(story=told([0.25, 0.5], [0.625, 0.75])))
    assert "now 0.50 nats, at first 0.75 nats" in panel.words.toolTip()


def test_how_far_the_student_came_is_said_in_words(panel):
    panel.draw(Scene(story=told([0.25, 0.999])))
    assert "it decides the same, at first differently" in panel.words.text()


def test_jargon_stands_in_the_tooltip_alone(panel, language):
    panel.draw(Scene(story=told([0.25, 0.999])))
    panel.retranslate()
    assert "KL" in panel.words.toolTip()
    assert not any(word in panel.words.text() for word in ("KL", "nats", "奈特"))
