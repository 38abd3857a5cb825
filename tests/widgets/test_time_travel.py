"""What each panel shows where the past is looked at, and where runs that share a past are compared."""

import pytest

from agents.events import Adapted
from agents.story import Story
from widgets.live.live_view import LiveView
from widgets.memory.memory_inspector import MemoryInspector
from widgets.remembering.remembering_panel import ADAPTATION, RememberingPanel
from widgets.reward.reward_plot import RewardPlot
from widgets.scene import Scene

SCORES = {-1: (0.3, 0.0, 0.2, 0.1), 0: (1.0, 0.1, 0.1, 0.1), 1: (0.9, 0.8, 0.1, 0.1), 2: (0.4, 0.7, 0.95, 0.2)}
"""Of every task after each stage."""
MOMENTS = [(0, 1, 3), (999, 1, 3), (1_000, 2, 6), (2_500, 3, 9), (None, 4, 12)]
"""A step; rows of the matrix (the untrained agent's is one), and memories that were held there."""


@pytest.fixture
def show(qtbot):
    def make(kind, width=700, height=420):
        panel = kind()
        qtbot.addWidget(panel)
        panel.resize(width, height)
        panel.show()
        return panel

    return make


@pytest.mark.parametrize(("step", "rows", "_held"), MOMENTS)
def test_the_matrix_has_the_stages_that_were_over(show, story, monkeypatch, step, rows, _held):
    panel, shown = show(RememberingPanel), []
    monkeypatch.setattr(panel.matrix, "show_matrix", lambda *told, signed: shown.append(told[0].matrix))
    panel.draw(Scene(story=story, playhead=2_000))
    panel.draw(Scene(story=story, playhead=step))
    assert len(shown) == 2
    assert shown[-1].tolist() == [list(SCORES[index]) for index in range(-1, rows - 1)]


@pytest.mark.parametrize(("step", "_rows", "held"), MOMENTS)
def test_the_memory_holds_what_was_held(show, story, step, _rows, held):
    panel = show(MemoryInspector)
    panel.draw(Scene(story=story, state="stored"))
    panel.draw(Scene(story=story, state="stored", playhead=step))
    assert panel.table.memories.total == held


@pytest.mark.parametrize(("step", "_rows", "held"), MOMENTS)
def test_the_agent_recalls_only_what_it_held(qtbot, show, story, frame, step, _rows, held):
    panel = show(LiveView)
    panel.draw(Scene(story=story, playhead=step))
    panel.show_frame(frame)
    qtbot.waitUntil(lambda: len(panel._recall) == held)


@pytest.mark.parametrize("step", [0, 1_234, 3_000])
def test_the_plots_dim_the_steps_after_the_playhead(show, story, step):
    reward, remembered = show(RewardPlot), show(RememberingPanel, height=700)
    for panel, backdrop in ((reward, reward.backdrop), (remembered, remembered.curves._backdrop)):
        panel.draw(Scene(story=story, playhead=step))
        assert backdrop._shade.isVisible()
        assert backdrop._shade.getRegion()[0] == step
        panel.draw(Scene(story=story))
        assert not backdrop._shade.isVisible()


def test_adaptations_of_later_are_not_shown(show, story, monkeypatch):
    for step in (1_500, 2_500):
        story.fold(Adapted(step=step, index=1, member=0, episodes=(1, 2), scores=(0.1, 0.9), control=(0.1, 0.1)))
    panel = show(RememberingPanel)
    shown = []
    monkeypatch.setattr(panel.adaptation, "draw", shown.append)
    panel.page = ADAPTATION
    panel.draw(Scene(story=story, playhead=2_000))
    assert [told.step for told in shown[-1]] == [1_500]


@pytest.fixture
def fork(story):
    """The same run, known as one that left `story` at step 2,000."""
    made = Story()
    made.__dict__.update(story.__dict__)
    story.run, made.run, made.parent = "main", "fork", ("main", 2_000)
    return made


def test_the_rewards_of_a_fork_lie_over_only_from_where_it_left(show, story, fork):
    panel = show(RewardPlot)
    panel.draw(Scene(story=story, overlays=(("fork", fork),)))
    starts = [item.getOriginalDataset()[0][0] for item in panel._overlay_curves._items]
    assert len(starts) == 2
    assert min(starts) >= 2_000
    assert not [reading for reading in panel._read(1_500)[1] if "fork" in reading.name]
    assert [reading for reading in panel._read(2_500)[1] if "fork" in reading.name]


def test_the_scores_of_a_fork_begin_at_the_last_that_both_share(show, story, fork):
    panel = show(RememberingPanel, height=700)
    panel.draw(Scene(story=story, overlays=(("fork", fork),)))
    tasks = len(story.tasks)
    whole, own = panel.curves._items[:tasks], panel.curves._items[tasks:]
    assert len(own) == tasks
    assert {item.getOriginalDataset()[0][0] for item in whole} == {0}
    assert {item.getOriginalDataset()[0][0] for item in own} == {2_000}


def test_a_run_with_a_past_of_its_own_lies_over_whole(show, story, fork):
    fork.parent = None
    panel = show(RewardPlot)
    panel.draw(Scene(story=story, overlays=(("other", fork),)))
    assert min(item.getOriginalDataset()[0][0] for item in panel._overlay_curves._items) == 0
