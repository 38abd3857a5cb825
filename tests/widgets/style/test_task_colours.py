"""A task keeps the first colour it got, in a document and in all runs."""

from itertools import permutations

import pytest

from agents.config import RunConfig
from agents.events import Evaluated, RunStarted, StageFinished, StageStarted, TasksChanged
from agents.story import Story
from envs.curriculum import Stage, distinct_tasks
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.memory.memory_inspector import MemoryInspector
from widgets.plots.stage_extents import extents
from widgets.remembering.matrix_model import HUE
from widgets.remembering.remembering_panel import RememberingPanel
from widgets.reward.reward_plot import RewardPlot
from widgets.scene import Scene
from widgets.style.task_colours import TaskColours, hues
from widgets.style.task_names import TaskName, task_names
from widgets.tasks.task_bin import TaskBin
from widgets.tasks.task_rows import HUE_ROLE, ROW_ROLE
from widgets.timeline.timeline import Timeline

KEYS = ("household/go-to", "gym:CartPole-v1", "mirror/go-to", "household/put-away")
STAGES = tuple(Stage(id=f"s{at}", task=key, steps=1_000) for at, key in enumerate(KEYS))
LAMP = Stage(id="lamp", task="household/open", steps=500)


def finished_run(stages):
    """The story of a run of these stages."""
    tasks = distinct_tasks(stages)
    story = Story([RunStarted(step=0, config=RunConfig(stages=stages)), TasksChanged(step=0, tasks=tasks)])
    step = 0
    for index, stage in enumerate(stages):
        task_id = tasks.index(stage.configured_task)
        story.fold(StageStarted(step=step, index=index, task_id=task_id, stage=stage))
        step += stage.steps
        story.fold(Evaluated(step=step, index=index, scores=(0.5,) * len(tasks), final=True))
        story.fold(StageFinished(step=step, index=index, reason="budget"))
    return story


@pytest.fixture
def model():
    model = CurriculumModel()
    model.load(STAGES, "Four tasks")
    return model


def colours(model):
    return {stage.task: model.colours.known[stage.configured_task.identity] for stage in model.stages}


FIRST = dict(zip(KEYS, range(4), strict=True))


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_no_order_of_the_clips_changes_a_colour(model, order):
    for index, stage in enumerate(order):
        model.move(f"s{stage}", index)
    assert [stage.id for stage in model.stages] == [f"s{stage}" for stage in order]
    assert colours(model) == FIRST


@pytest.mark.parametrize("index", range(5))
def test_a_new_task_gets_the_next_free_colour_wherever_it_is_put(model, index):
    model.insert(index, LAMP)
    assert colours(model) == FIRST | {LAMP.task: 4}


@pytest.mark.parametrize("index", range(4))
def test_a_task_that_was_removed_comes_back_in_its_colour(model, index):
    model.remove(f"s{index}")
    model.insert(0, LAMP)
    assert colours(model)[LAMP.task] == 4
    model.undo()
    model.undo()
    assert colours(model) == FIRST
    model.redo()
    assert colours(model) == {key: hue for key, hue in FIRST.items() if key != KEYS[index]}


def test_a_swapped_task_leaves_the_others_alone(model):
    model.replace("s0", LAMP)
    assert colours(model) == {**{key: FIRST[key] for key in KEYS[1:]}, LAMP.task: 4}


def test_the_plan_of_a_stored_run_keeps_the_colours_of_the_document(model):
    model.load((STAGES[3], LAMP, STAGES[0]), "A stored run")
    assert colours(model) == {KEYS[3]: 3, LAMP.task: 4, KEYS[0]: 0}


def test_another_document_begins_with_the_first_colour(model):
    model.load(STAGES[::-1], "Another", is_another=True)
    assert colours(model) == dict(zip(KEYS[::-1], range(4), strict=True))


def test_what_has_no_colour_yet_is_shown_in_a_free_one():
    given = TaskColours()
    given.assign([STAGES[2].configured_task])
    assert hues([stage.configured_task for stage in STAGES], given.known) == (1, 2, 0, 3)


def test_a_name_in_another_colour_is_another_name():
    assert TaskName.of("Go to", 1) != TaskName.of("Go to", 2)
    assert TaskName.of("Go to", 1) == "Go to" == TaskName.of("Go to", 1)
    assert len({TaskName.of("Go to", 1), TaskName.of("Go to", 1)}) == 1


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_every_panel_shows_a_run_of_another_order_in_the_same_colours(qtbot, model, order):
    """In the task list, timeline, matrix, curves, reward plot and memory table."""
    stages = tuple(STAGES[index] for index in order)
    front, over = finished_run(stages), finished_run((LAMP, *stages[::-1]))
    for story in (front, over):
        model.colours.assign(story.tasks)
    known = model.colours.known
    right = {key: known[Stage(task=key).configured_task.identity] for key in (*KEYS, LAMP.task)}
    assert right == FIRST | {LAMP.task: 4}
    scene = Scene(story=front, overlays=(("over", over),), state="stored", colours=known)
    names = task_names(front.tasks, known)
    assert [name.hue for name in names] == [right[task.key] for task in front.tasks]

    bin_, timeline, remembering = TaskBin(model), Timeline(model), RememberingPanel()
    reward, memory = RewardPlot(), MemoryInspector()
    for panel in (bin_, timeline, remembering, reward, memory):
        qtbot.addWidget(panel)
        panel.resize(900, 700)
        panel.show()
        panel.draw(scene)

    rows = [bin_._items.item(at) for at in range(bin_._items.rowCount())]
    shown = {item.data(ROW_ROLE).spec.key: item.data(HUE_ROLE) for item in rows if item.data(ROW_ROLE)}
    assert {key: shown[key] for key in KEYS} == FIRST
    blocks = [block for track in timeline.canvas.layout_shown.tracks for block in track.blocks]
    assert {(block.stage.task, block.hue) for block in blocks} == set(right.items())
    matrix = remembering.matrix.matrix
    for task_id, task in enumerate(front.tasks):
        assert matrix.index(0, task_id).data(HUE) == right[task.key]
    assert [extent.hue for extent in extents(front.until(), known)] == [right[stage.task] for stage in stages]
    assert list(reward.curves.hues) == [right[task.key] for task in front.tasks]
    assert [list(overlay.hues) for overlay in reward._overlays] == [[right[task.key] for task in over.tasks]]
    assert [name.hue for name in memory.inspector.names] == [right[task.key] for task in front.tasks]
