import numpy as np
import pytest

from agents.config import RunConfig
from agents.events import RunStarted, StageStarted, Updated
from agents.story import Story
from envs.curriculum import Stage
from widgets.scene import Scene
from widgets.teacher.teacher_panel import TeacherPanel

STAGE = Stage(id="a", task="household/go-to", teaching={"teacher": "expert"})


def story_of(*agreements, every=100):
    """Return a story with a stage for each sequence of agreements."""
    story = Story([RunStarted(step=0, config=RunConfig(stages=(STAGE,)))])
    step = 0
    for index, stage_agreements in enumerate(agreements):
        story.fold(StageStarted(step=step, index=index, task_id=0, stage=STAGE))
        for share in stage_agreements:
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


def test_it_plots_every_agreement_and_states_the_latest(panel):
    panel.draw(Scene(story=story_of([0.25, 0.5, 0.75])))
    x, y = panel.agreement.getData()
    assert list(zip(x, y, strict=True)) == [(100, 0.25), (200, 0.5), (300, 0.75)]
    assert "75%" in panel.words.text()
    assert "it decides differently, as at first" in panel.words.text()
    assert "now 0.50 nats, at first 1.50 nats" in panel.words.toolTip()


def test_values_end_at_the_playhead(panel):
    panel.draw(Scene(story=story_of([0.25, 0.5, 0.75]), playhead=200))
    assert panel.agreement.getData()[0][-1] == 200
    assert "50%" in panel.words.text()


def test_lines_are_interrupted_between_stages(panel):
    panel.draw(Scene(story=story_of([0.2, 0.4], [0.6, 0.8])))
    _, y = panel.agreement.getData()
    assert np.isnan(y).tolist() == [False, False, True, False, False]


@pytest.mark.parametrize("scene", [Scene(), Scene(story=story_of([]))], ids=["no run", "nobody taught"])
def test_without_a_teacher_there_is_no_text(panel, scene):
    panel.draw(scene)
    assert not panel.words.isVisible()
    assert panel.words.text() == ""


def test_a_divergence_above_one_nat_is_visible(panel):
    panel.draw(Scene(story=story_of([0.0, 0.5])))
    assert panel.plot.view.viewRange()[1][1] >= 2.0


def test_the_first_divergence_is_that_at_the_start_of_the_newest_stage(panel):
    panel.draw(Scene(story=story_of([0.25, 0.5], [0.625, 0.75])))
    assert "now 0.50 nats, at first 0.75 nats" in panel.words.toolTip()


def test_the_change_of_the_divergence_is_described(panel):
    panel.draw(Scene(story=story_of([0.25, 0.999])))
    assert "it decides the same, at first differently" in panel.words.text()


def test_technical_terms_are_in_the_tooltip_only(panel, language):
    panel.draw(Scene(story=story_of([0.25, 0.999])))
    panel.retranslate()
    assert "KL" in panel.words.toolTip()
    assert not any(word in panel.words.text() for word in ("KL", "nats", "奈特"))
