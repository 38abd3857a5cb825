import pytest

from agents.commands import Configure, EditCurriculum
from agents.config import RunConfig
from agents.config.strategies import NaiveConfig, ReplayConfig
from agents.events import CommandApplied, Progress, RunStarted, StageFinished, StageStarted, TasksChanged
from agents.story import Story
from envs.curriculum import Stage, distinct_tasks
from widgets.curriculum.plan import planned
from widgets.plots.run_names import strategy_of
from widgets.scene import Scene
from widgets.timeline.tracks import clip_title, matches_plan, tasks_in_use, tracks

STAGES = (
    Stage(id="a", task="household/go-to", steps=20_000, until=0.95),
    Stage(id="b", task="mirror/go-to", steps=10_000),
    Stage(id="c", task="household/go-to", steps=5_000),
)


def make_story(*events, strategy=None, stages=STAGES):
    first = RunStarted(step=0, config=RunConfig(stages=stages, strategy=strategy or NaiveConfig()))
    return Story([first, TasksChanged(step=0, tasks=distinct_tasks(stages)), *events])


def begun(step, index, stage):
    return StageStarted(step=step, index=index, task_id=0 if stage.id != "b" else 1, stage=stage)


HALFWAY = (
    begun(0, 0, STAGES[0]),
    StageFinished(step=12_000, index=0, reason="gate"),
    begun(12_000, 1, STAGES[1]),
    Progress(step=15_000, index=1, phase="acting"),
)


def test_a_plan_without_a_run_lies_end_to_end():
    (main,) = tracks(STAGES, Scene(), "ewc")
    assert [(block.start, block.length, block.done) for block in main.blocks] == [
        (0, 20_000, 0),
        (20_000, 10_000, 0),
        (30_000, 5_000, 0),
    ]
    assert main.strategy == "EWC"


def test_a_stage_that_ended_early_is_as_long_as_it_was_and_the_rest_follows():
    (main,) = tracks(STAGES, Scene(story=make_story(*HALFWAY), state="running"))
    assert [(block.start, block.length, block.done, block.state) for block in main.blocks] == [
        (0, 12_000, 12_000, "finished"),
        (12_000, 10_000, 3_000, "running"),
        (22_000, 5_000, 0, "planned"),
    ]


def test_a_task_that_comes_again_has_the_same_colour():
    (main,) = tracks(STAGES, Scene())
    assert [block.hue for block in main.blocks] == [0, 1, 0]


@pytest.mark.parametrize(
    ("reason", "text"),
    [("gate", "0.95 reached"), ("cut", "cut after"), ("stopped", "stopped after"), ("fault", "failed after")],
)
def test_a_finished_clip_shows_its_outcome(reason, text):
    story = make_story(begun(0, 0, STAGES[0]), StageFinished(step=12_000, index=0, reason=reason))
    block = tracks(STAGES, Scene(story=story, state="running"))[0].blocks[0]
    assert text in block.budget_text
    assert "12k" in block.budget_text


def test_edits_of_the_plan_keep_the_stages_of_an_active_run():
    without_history = (Stage(id="new", task="household/lamp", steps=1_000),)
    (main,) = tracks(without_history, Scene(story=make_story(*HALFWAY), state="paused"))
    assert [block.stage.id for block in main.blocks] == ["a", "b", "new"]


def test_a_stage_that_was_just_cut_ends_at_once_and_the_rest_follows():
    (main,) = tracks(STAGES, Scene(story=make_story(*HALFWAY), state="running"), cut="b")
    assert [(block.start, block.length, block.state) for block in main.blocks[1:]] == [
        (12_000, 3_000, "finished"),
        (15_000, 5_000, "planned"),
    ]


def test_a_stored_run_that_differs_from_the_plan_gets_its_own_track():
    story = make_story(*HALFWAY)
    scene = Scene(story=story, state="stored", name="run 7")
    assert len(tracks(STAGES, scene)) == 1
    edited = (STAGES[0].model_copy(update={"steps": 1_000}), *STAGES[1:])
    main, below = tracks(edited, scene)
    assert not matches_plan(scene, edited)
    assert main.blocks[0].done == 0
    assert (below.name, below.blocks[0].done) == ("run 7 · Naive · seed 0", 12_000)


def test_overlays_keep_the_colours_of_the_plan():
    others = (STAGES[1], STAGES[0])
    story = make_story(begun(0, 0, STAGES[1]), stages=others)
    _, below = tracks(STAGES, Scene(overlays=(("other", story),)))
    assert [block.hue for block in below.blocks] == [1, 0]


def test_new_tasks_take_colours_after_those_of_the_run():
    lamp = Stage(id="lamp", task="household/lamp", steps=1_000)
    scene = Scene(story=make_story(*HALFWAY), state="running")
    keys = [task.key for task in tasks_in_use((*STAGES[:2], lamp, STAGES[2]), scene)]
    assert keys == ["household/go-to", "mirror/go-to", "household/lamp"]


def test_a_plan_that_was_edited_after_a_run_leaves_the_colours_of_its_tasks():
    lamp = Stage(id="lamp", task="household/lamp", steps=1_000)
    story = make_story(*HALFWAY)
    tasks = tasks_in_use((lamp, *STAGES), Scene(story=story, state="stored"))
    assert tasks[: len(story.tasks)] == story.tasks
    assert tasks[-1].key == "household/lamp"


def test_the_strategy_is_the_one_that_was_chosen_last():
    change = CommandApplied(step=5, command=Configure(changes={"strategy.name": "ewc"}))
    assert strategy_of(make_story(strategy=ReplayConfig())) == "replay"
    assert strategy_of(make_story(change, strategy=ReplayConfig())) == "ewc"


def test_a_stored_plan_holds_the_stages_that_were_cut():
    cut = (
        CommandApplied(step=13_000, command=EditCurriculum(stages=(STAGES[0], STAGES[2]))),
        StageFinished(step=13_000, index=1, reason="cut"),
        begun(13_000, 2, STAGES[2]),
    )
    story = make_story(*HALFWAY[:3], *cut)
    assert [stage.id for stage in planned(story.until())] == ["a", "b", "c"]


def fork_of(run, step, *events):
    fork = make_story(*events)
    fork.run, fork.parent = "fork", (run, step)
    return fork


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        (5_000, [("a", 5_000, 7_000), ("b", 0, 10_000), ("c", 0, 5_000)]),
        (12_000, [("b", 0, 10_000), ("c", 0, 5_000)]),
        (13_000, [("b", 1_000, 9_000), ("c", 0, 5_000)]),
    ],
)
def test_a_fork_begins_on_its_track_where_it_left_the_other_run(step, shown):
    front = make_story(*HALFWAY)
    front.run = "main"
    scene = Scene(story=front, state="paused", overlays=(("fork", fork_of("main", step, *HALFWAY)),))
    main, fork = tracks(STAGES, scene)
    assert main.fork_point is None
    assert fork.fork_point == (0, step)
    assert [(block.stage.id, block.shared, block.length - block.shared) for block in fork.blocks] == shown


def test_a_run_without_a_shared_past_begins_at_the_start():
    front = make_story(*HALFWAY)
    front.run = "main"
    scene = Scene(story=front, state="paused", overlays=(("other", fork_of("gone", 5_000, *HALFWAY)),))
    (_, other) = tracks(STAGES, scene)
    assert other.fork_point is None
    assert all(block.shared == 0 for block in other.blocks)


@pytest.mark.parametrize(
    ("steps", "title"), [(None, "Taught: Go to"), (1_000, "Taught: Go to"), (400, "Go to, taught at first")]
)
def test_the_title_of_a_clip_shows_that_it_is_taught(steps, title):
    teaching = {"teacher": "expert", "steps": steps}
    assert clip_title(Stage(task="household/go-to", steps=1_000, teaching=teaching)) == title


def test_a_track_has_the_id_under_which_its_run_is_stored():
    front, over = make_story(*HALFWAY), make_story(*HALFWAY)
    front.run, over.run = "1-front", "2-over"
    found = tracks(STAGES, Scene(story=front, overlays=(("over", over),), state="running"))
    assert [track.storage for track in found] == ["stored as 1-front", "stored as 2-over"]
    assert tracks(STAGES, Scene(), "ewc")[0].storage == ""
