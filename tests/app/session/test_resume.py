"""Going on with real runs in the window's session, and forking them."""

import pytest

from agents.commands import Configure, Pause
from agents.events import CommandApplied, Resumed, RunFinished, Updated
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer
from app.runs.preparation import Future
from app.session.resume import fork
from app.session.session import Session
from envs.curriculum import Stage
from widgets.requests import ContinueRun, OpenRun

PATIENCE = 30_000


@pytest.fixture
def session(qtbot, tmp_path):
    made = Session(tmp_path / "runs")
    made.notices = []
    made.noticed.connect(made.notices.append)
    made.states = []
    made.state_changed.connect(made.states.append)
    yield made
    made.close()
    made.deleteLater()


def live(store, config, name, until=None):
    """A run that is cut off, as by a kill, once `until` says so."""
    trainer = Trainer(config)
    run = store.create(config, name)
    trainer.store_in(run)
    for event in run.record(trainer.run()):
        if until is not None and until(event, run):
            break
    return run


@pytest.fixture
def store(session):
    return RunStore(session.run_library.root)


@pytest.fixture
def cut(store, tiny):
    """A run of two stages that was killed in the second."""
    saving = tiny.changed({"checkpoint.save_steps": 64, "checkpoint.max_time_share": 1})
    return live(store, saving, "cut", lambda event, run: isinstance(event, Updated) and event.step >= 192)


@pytest.fixture
def whole(store, tiny):
    return live(store, tiny.changed({"checkpoint.save_steps": 64, "checkpoint.max_time_share": 1}), "whole")


def become(qtbot, session, state):
    """Wait until it has been so since it was last asked; a short run may be over before one looks."""
    qtbot.waitUntil(lambda: state in session.states, timeout=PATIENCE)
    del session.states[: session.states.index(state) + 1]


def losses(run):
    return [(event.step, event.terms) for event in run.replay() if isinstance(event, Updated)]


def told(story):
    return [tuple(story.episodes[name]) for name in ("step", "reward", "score", "length")]


def test_a_run_that_was_cut_off_goes_on_to_the_same_end(qtbot, session, cut, whole):
    assert cut.state == "interrupted"
    session.obey(ContinueRun(cut.folder))
    become(qtbot, session, "running")
    assert session.folder == cut.folder
    become(qtbot, session, "stored")
    lived = Run(cut.folder)
    assert lived.state == "done"
    assert losses(lived) == losses(whole)
    assert told(session.story) == told(lived.story())
    assert len([event for event in lived.replay() if isinstance(event, Resumed)]) == len(session.story.resumed) == 1
    assert any("exactly as it was" in notice.text for notice in session.notices)


def test_the_story_so_far_is_in_front_before_anything_new(qtbot, session, cut):
    session.obey(OpenRun(cut.folder))
    become(qtbot, session, "stored")
    seen, before = [], session.story.step
    session.state_changed.connect(lambda state: seen.append((state, session.story.step)))
    session.obey(ContinueRun())
    become(qtbot, session, "running")
    assert seen[0] == ("preparing", before)
    assert seen[1][1] >= 128, "the first stage at least had been saved"
    session.stop()
    become(qtbot, session, "stored")


def test_a_fork_leaves_its_parent_which_is_laid_over(qtbot, session, store, whole):
    session.obey(OpenRun(whole.folder))
    become(qtbot, session, "stored")
    fork(session, whole.folder, Future(192, {"strategy.name": "ewc"}, name="other"))
    become(qtbot, session, "running")
    assert session.name == "other"
    assert session.scene.parent == ("whole", 192)
    become(qtbot, session, "stored")
    qtbot.waitUntil(lambda: [name for name, _ in session.scene.overlays] == ["whole"], timeout=PATIENCE)
    assert session.config.strategy.name == "ewc"
    child = store.find("other")
    assert child.overview()["strategy"] == "ewc"
    assert [loss for loss in losses(child) if loss[0] <= 192] == [loss for loss in losses(whole) if loss[0] <= 192]


def test_a_fork_takes_another_rest_of_the_curriculum_and_the_timeline_shows_it(qtbot, session, store, whole):
    stages = (*whole.config.stages[:1], Stage(id="c", task="household/open", steps=128))
    fork(session, whole.folder, Future(100, stages=stages, name="detour"))
    become(qtbot, session, "running")
    become(qtbot, session, "stored")
    assert [stage.task for stage in session.curriculum.stages] == ["household/go-to", "household/open"]
    assert [clip.stage.task for clip in store.find("detour").story().clips] == ["household/go-to", "household/open"]


def test_a_run_that_goes_on_is_stopped_before_its_fork_begins(qtbot, session, tiny, store):
    session.load(tiny.changed({"stages.0.steps": 10**6, "checkpoint.save_steps": 64, "checkpoint.max_time_share": 1}))
    session.start()
    become(qtbot, session, "running")
    qtbot.waitUntil(lambda: session.story.step > 200, timeout=PATIENCE)
    parent = session.folder
    fork(session, parent, Future(128, {"strategy.name": "replay"}, name="child"))
    qtbot.waitUntil(lambda: session.name == "child" and session.state == "running", timeout=PATIENCE)
    assert Run(parent).state == "stopped"
    session.states.clear()
    session.stop()
    become(qtbot, session, "stored")
    assert store.find("child").state == "stopped"


def test_a_pause_asked_before_it_is_ready_holds_a_run_that_goes_on(qtbot, session, cut):
    session.obey(ContinueRun(cut.folder))
    session.put(Pause())
    become(qtbot, session, "paused")
    session.obey(ContinueRun())
    become(qtbot, session, "stored")
    assert Run(cut.folder).state == "done"


def test_what_was_changed_before_the_cut_is_in_force_again(qtbot, session, store, tiny):
    trainer = Trainer(tiny.changed({"checkpoint.save_steps": 64, "checkpoint.max_time_share": 1}))
    run = store.create(trainer.state.config, "changed")
    trainer.store_in(run)
    for event in run.record(trainer.run()):
        if isinstance(event, Updated) and event.step == 64:
            trainer.commands.put(Configure(changes={"strategy.name": "ewc"}))
        if isinstance(event, CommandApplied):
            break
    session.obey(ContinueRun(run.folder))
    become(qtbot, session, "running")
    become(qtbot, session, "stored")
    assert session.config.strategy.name == "ewc"


def test_a_finished_run_says_that_it_can_be_forked(qtbot, session, whole):
    session.obey(OpenRun(whole.folder))
    become(qtbot, session, "stored")
    session.obey(ContinueRun())
    assert "Fork it" in session.notices[-1].text
    assert session.state == "stored"


def test_what_cannot_go_on_says_so_and_leaves_the_front_as_it_was(qtbot, session, whole, cut):
    session.obey(OpenRun(whole.folder))
    become(qtbot, session, "stored")
    (cut.folder / "config.toml").write_text("seed = 'none'")
    session.obey(ContinueRun(cut.folder))
    qtbot.waitUntil(lambda: session.state == "stored" and session.notices[-1].is_problem, timeout=PATIENCE)
    assert session.folder == whole.folder
    assert isinstance(session.story.finished, RunFinished)
