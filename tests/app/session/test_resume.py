"""Resume and fork real runs in the window's session."""

import pytest

from agents.commands import Configure, Pause
from agents.events import CommandApplied, Resumed, RunFinished, Updated
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer
from app.runs.preparation import ForkOptions
from app.session.resume import fork
from app.session.session import Session
from envs.curriculum import Stage
from widgets.requests import ContinueRun, OpenRun

PATIENCE = 30_000


@pytest.fixture
def session(qtbot, tmp_path):
    instance = Session(tmp_path / "runs")
    instance.notices = []
    instance.noticed.connect(instance.notices.append)
    instance.states = []
    instance.state_changed.connect(instance.states.append)
    yield instance
    instance.close()
    instance.deleteLater()


def record_run(store, config, name, until=None):
    """Execute and record a run, which is interrupted once `until` returns true."""
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
def interrupted(store, tiny):
    """A run of two stages that was interrupted in the second."""
    saving = tiny.changed({"checkpoint.save_steps": 64, "checkpoint.max_time_share": 1})
    return record_run(store, saving, "interrupted", lambda event, run: isinstance(event, Updated) and event.step >= 192)


@pytest.fixture
def whole(store, tiny):
    return record_run(store, tiny.changed({"checkpoint.save_steps": 64, "checkpoint.max_time_share": 1}), "whole")


def wait_for_state(qtbot, session, state):
    """Wait until the session has been in this state since the last call; a short run may have left it already."""
    qtbot.waitUntil(lambda: state in session.states, timeout=PATIENCE)
    del session.states[: session.states.index(state) + 1]


def losses(run):
    return [(event.step, event.terms) for event in run.replay() if isinstance(event, Updated)]


def episodes(story):
    return [tuple(story.episodes[name]) for name in ("step", "reward", "score", "length")]


def test_an_interrupted_run_is_resumed_to_the_same_end(qtbot, session, interrupted, whole):
    assert interrupted.state == "interrupted"
    session.execute(ContinueRun(interrupted.folder))
    wait_for_state(qtbot, session, "running")
    assert session.folder == interrupted.folder
    wait_for_state(qtbot, session, "stored")
    stored = Run(interrupted.folder)
    assert stored.state == "done"
    assert losses(stored) == losses(whole)
    assert episodes(session.story) == episodes(stored.story())
    assert len([event for event in stored.replay() if isinstance(event, Resumed)]) == len(session.story.resumed) == 1
    assert any("exactly as it was" in notice.text for notice in session.notices)


def test_the_story_so_far_is_displayed_before_any_new_event(qtbot, session, interrupted):
    session.execute(OpenRun(interrupted.folder))
    wait_for_state(qtbot, session, "stored")
    seen, before = [], session.story.step
    session.state_changed.connect(lambda state: seen.append((state, session.story.step)))
    session.execute(ContinueRun())
    wait_for_state(qtbot, session, "running")
    assert seen[0] == ("preparing", before)
    assert seen[1][1] >= 128, "the first stage at least had been saved"
    session.stop()
    wait_for_state(qtbot, session, "stored")


def test_a_fork_has_its_parent_as_overlay(qtbot, session, store, whole):
    session.execute(OpenRun(whole.folder))
    wait_for_state(qtbot, session, "stored")
    fork(session, whole.folder, ForkOptions(192, {"strategy.name": "ewc"}, name="other"))
    wait_for_state(qtbot, session, "running")
    assert session.name == "other"
    assert session.scene.parent == ("whole", 192)
    wait_for_state(qtbot, session, "stored")
    qtbot.waitUntil(lambda: [name for name, _ in session.scene.overlays] == ["whole"], timeout=PATIENCE)
    assert session.config.strategy.name == "ewc"
    child = store.find("other")
    assert child.overview()["strategy"] == "ewc"
    assert [loss for loss in losses(child) if loss[0] <= 192] == [loss for loss in losses(whole) if loss[0] <= 192]


def test_a_fork_can_replace_the_remaining_stages(qtbot, session, store, whole):
    stages = (*whole.config.stages[:1], Stage(id="c", task="household/open", steps=128))
    fork(session, whole.folder, ForkOptions(100, stages=stages, name="detour"))
    wait_for_state(qtbot, session, "running")
    wait_for_state(qtbot, session, "stored")
    assert [stage.task for stage in session.curriculum.stages] == ["household/go-to", "household/open"]
    assert [clip.stage.task for clip in store.find("detour").story().clips] == ["household/go-to", "household/open"]


def test_an_active_run_is_stopped_before_its_fork_starts(qtbot, session, tiny, store):
    session.load(tiny.changed({"stages.0.steps": 10**6, "checkpoint.save_steps": 64, "checkpoint.max_time_share": 1}))
    session.start()
    wait_for_state(qtbot, session, "running")
    qtbot.waitUntil(lambda: session.story.step > 200, timeout=PATIENCE)
    parent = session.folder
    fork(session, parent, ForkOptions(128, {"strategy.name": "replay"}, name="child"))
    qtbot.waitUntil(lambda: session.name == "child" and session.state == "running", timeout=PATIENCE)
    assert Run(parent).state == "stopped"
    session.states.clear()
    session.stop()
    wait_for_state(qtbot, session, "stored")
    assert store.find("child").state == "stopped"


def test_a_pause_sent_before_a_resumed_run_is_ready_takes_effect(qtbot, session, interrupted):
    session.execute(ContinueRun(interrupted.folder))
    session.put(Pause())
    wait_for_state(qtbot, session, "paused")
    session.execute(ContinueRun())
    wait_for_state(qtbot, session, "stored")
    assert Run(interrupted.folder).state == "done"


def test_settings_changed_before_the_interruption_are_restored(qtbot, session, store, tiny):
    trainer = Trainer(tiny.changed({"checkpoint.save_steps": 64, "checkpoint.max_time_share": 1}))
    run = store.create(trainer.state.config, "changed")
    trainer.store_in(run)
    for event in run.record(trainer.run()):
        if isinstance(event, Updated) and event.step == 64:
            trainer.commands.put(Configure(changes={"strategy.name": "ewc"}))
        if isinstance(event, CommandApplied):
            break
    session.execute(ContinueRun(run.folder))
    wait_for_state(qtbot, session, "running")
    wait_for_state(qtbot, session, "stored")
    assert session.config.strategy.name == "ewc"


def test_resuming_a_finished_run_is_refused_with_the_remedy(qtbot, session, whole):
    session.execute(OpenRun(whole.folder))
    wait_for_state(qtbot, session, "stored")
    session.execute(ContinueRun())
    assert "Fork it" in session.notices[-1].text
    assert session.state == "stored"


def test_a_run_that_cannot_be_resumed_is_a_notice_and_the_displayed_run_stays(qtbot, session, whole, interrupted):
    session.execute(OpenRun(whole.folder))
    wait_for_state(qtbot, session, "stored")
    (interrupted.folder / "config.toml").write_text("seed = 'none'")
    session.execute(ContinueRun(interrupted.folder))
    qtbot.waitUntil(lambda: session.state == "stored" and session.notices[-1].is_problem, timeout=PATIENCE)
    assert session.folder == whole.folder
    assert isinstance(session.story.finished, RunFinished)
