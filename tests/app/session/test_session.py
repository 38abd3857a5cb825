import numpy as np
import pytest

from agents.commands import Configure, EditCurriculum, Pause, Resume, SingleStep
from agents.config import RunConfig
from agents.config.strategies import EWCConfig
from agents.events import CommandRefused, Fault
from agents.store.run_store import RunStore
from app.session.session import Session
from widgets.requests import ConfigChanged, MovePlayhead, OpenRun, OverlayRuns, TrashRuns
from widgets.style.catalogue import LanguageSwitcher


def start(qtbot, session):
    session.play_or_pause()
    qtbot.waitUntil(lambda: session.state == "running", timeout=5_000)


def wait_for_state(qtbot, session, state):
    qtbot.waitUntil(lambda: session.state == state, timeout=5_000)


def test_play_starts_pauses_and_resumes(qtbot, session):
    assert session.state == "idle"
    start(qtbot, session)
    session.play_or_pause()
    wait_for_state(qtbot, session, "paused")
    step = session.story.step
    qtbot.wait(150)
    assert session.story.step == step
    session.play_or_pause()
    wait_for_state(qtbot, session, "running")
    qtbot.waitUntil(lambda: session.story.step > step)


def test_a_single_step_starts_a_paused_run(qtbot, session, scripted):
    session.single_step()
    wait_for_state(qtbot, session, "paused")
    qtbot.waitUntil(lambda: len(scripted.created[0].obeyed) == 2)
    assert [type(command) for command in scripted.created[0].obeyed] == [Pause, SingleStep]


def test_a_stopped_run_stays_displayed_as_a_stored_one(qtbot, session):
    start(qtbot, session)
    qtbot.waitUntil(lambda: session.story.step > 5)
    session.stop()
    wait_for_state(qtbot, session, "stored")
    assert session.story.finished is not None
    assert session.name == "scripted"


def test_reset_goes_back_to_an_untrained_agent_and_an_open_plan(qtbot, session, config):
    start(qtbot, session)
    qtbot.waitUntil(lambda: session.curriculum.history.running == "a", timeout=5_000)
    session.reset()
    assert session.state == "idle"
    assert session.story is None
    assert session.curriculum.is_open("a")
    assert session.curriculum.stages == config.stages


def test_an_empty_curriculum_is_refused_with_the_reason(session):
    session.load(RunConfig(name="Nothing"))
    session.play_or_pause()
    assert session.state == "idle"
    assert "empty" in session.notices[-1].text


def test_settings_incompatible_with_the_curriculum_are_refused_and_create_no_run(session, config):
    session.load(config)
    changes = {"instructions.writer": "learned"}
    session.reconfigure(session.config.changed(changes), changes)
    session.start()
    assert session.state == "idle"
    assert "cannot check instructions" in session.notices[-1].text
    assert not list(session.run_library.root.glob("*"))


def test_scenes_come_at_most_ten_times_a_second_and_only_when_something_is_new(qtbot, session):
    scenes = []
    session.scene_changed.connect(scenes.append)
    start(qtbot, session)
    qtbot.wait(1_000)
    assert 3 <= len(scenes) <= 14
    session.put(Pause())
    wait_for_state(qtbot, session, "paused")
    qtbot.wait(250)
    scenes.clear()
    qtbot.wait(400)
    assert scenes == []


def test_an_edit_of_the_plan_is_sent_to_the_active_run(qtbot, session, scripted):
    start(qtbot, session)
    qtbot.waitUntil(lambda: session.curriculum.history.running == "a", timeout=5_000)
    session.curriculum.resize("b", 9_000)
    qtbot.waitUntil(lambda: bool(scripted.created[0].obeyed))
    (edit,) = scripted.created[0].obeyed
    assert isinstance(edit, EditCurriculum)
    assert edit.stages[1].steps == 9_000


def test_only_settings_that_can_change_live_are_sent(qtbot, session, scripted):
    start(qtbot, session)
    changes = {"strategy.name": "ewc", "model.layers": 3}
    session.execute(ConfigChanged(session.config.changed(changes), changes))
    qtbot.waitUntil(lambda: bool(scripted.created[0].obeyed))
    (command,) = scripted.created[0].obeyed
    assert isinstance(command, Configure)
    assert command.changes == {"strategy.name": "ewc"}
    assert isinstance(session.plan().strategy, EWCConfig)


def test_while_nothing_runs_a_changed_setting_waits_for_the_next_run(qtbot, session, scripted):
    session.execute(ConfigChanged(session.config.changed({"seed": 3}), {"seed": 3}))
    start(qtbot, session)
    assert scripted.created[0].config.seed == 3
    assert scripted.created[0].obeyed == []


FAULT = Fault(step=1, index=0, message="{task} was set aside: {error}", arguments={"task": "T", "error": "E"})
REFUSED = CommandRefused(step=1, command=Resume(), reason="{setting} stays", arguments={"setting": "seed"})


@pytest.mark.parametrize(("event", "expected"), [(FAULT, "T was set aside"), (REFUSED, "Seed stays")])
def test_a_fault_is_a_notice_of_one_line(session, event, expected):
    session._on_events((event,))
    assert session.notices[-1].is_problem
    assert expected in session.notices[-1].text
    assert "\n" not in session.notices[-1].text


@pytest.mark.parametrize(
    ("setting", "title"),
    [
        ("algorithm.name", "Algorithm"),
        ("learning.learning_rate", "Learning rate at the start"),
        ("unknown.path", "unknown.path"),
    ],
)
def test_a_refused_setting_has_the_title_of_the_form(session, setting, title):
    arguments = {"setting": setting}
    session._on_events((CommandRefused(step=1, command=Resume(), reason="{setting} stays", arguments=arguments),))
    assert session.notices[-1].text == f"{title} stays"


def test_the_error_of_a_world_is_quoted_in_a_translated_sentence(session):
    switcher = LanguageSwitcher()
    switcher.switch_to("zh_CN")
    error = {"task": "Arena", "error": "Arena-v0: step raised ValueError: no"}
    session._on_events((Fault(step=1, index=0, message="{task} was set aside: {error}", arguments=error),))
    switcher.switch_to("en")
    assert session.notices[-1].text.endswith("世界 Arena-v0 在 step 中出错。它的代码的原话：ValueError: no")


def test_a_refused_edit_shows_the_plan_that_the_run_still_has(qtbot, session, config):
    start(qtbot, session)
    session.put(Pause())
    wait_for_state(qtbot, session, "paused")
    session.curriculum.remove("b")
    refused = CommandRefused(step=1, command=EditCurriculum(stages=()), reason="no")
    session._on_events((refused,))
    assert session.curriculum.stages == config.stages


def test_after_an_error_in_the_trainer_another_run_can_start(qtbot, tmp_path, scripted, config):
    session = Session(tmp_path, prepare=lambda plan, runs: scripted(plan, steps=3, error=ValueError("boom")))
    session.load(config)
    with qtbot.waitSignal(session.noticed, timeout=5_000) as noticed:
        session.play_or_pause()
    assert noticed.args[0].text == "boom"
    wait_for_state(qtbot, session, "stored")
    session.play_or_pause()
    qtbot.waitUntil(lambda: len(scripted.created) == 2 and session.state == "stored", timeout=5_000)
    session.close()
    session.deleteLater()


def test_a_command_without_a_run_is_a_notice(session):
    session.evaluate()
    assert "No run" in session.notices[-1].text


@pytest.fixture
def stored(session, scripted, config):
    """Two recorded scripted runs."""
    store = RunStore(session.run_library.root)
    folders = []
    for name in ("first", "second"):
        run = store.create(config, name)
        list(run.record(scripted(config, steps=30).events))
        folders.append(run.folder)
    return folders


def test_an_opened_run_has_its_recorded_story(qtbot, session, stored, config):
    session.execute(OpenRun(stored[0]))
    wait_for_state(qtbot, session, "stored")
    assert session.name == "first"
    assert np.array_equal(session.story.episodes["step"], np.arange(1, 31))
    assert session.curriculum.stages == config.stages
    assert session.config.seed == 7


def test_overlays_are_added_and_removed(qtbot, session, stored):
    session.execute(OverlayRuns(tuple(stored)))
    qtbot.waitUntil(lambda: len(session.scene.overlays) == 2)
    assert [name for name, _ in session.scene.overlays] == ["first", "second"]
    session.execute(OverlayRuns(()))
    qtbot.waitUntil(lambda: session.scene.overlays == ())


def hues(session):
    known = session.scene.colours
    return [known[stage.configured_task.identity] for stage in session.curriculum.stages]


def test_opened_and_overlaid_runs_keep_the_colours_of_the_curriculum(qtbot, session, stored, config):
    session.load(config.model_copy(update={"stages": config.stages[::-1]}))
    assert hues(session) == [0, 1]
    session.execute(OverlayRuns(tuple(stored)))
    qtbot.waitUntil(lambda: len(session.scene.overlays) == 2)
    session.execute(OpenRun(stored[0]))
    wait_for_state(qtbot, session, "stored")
    assert hues(session) == [1, 0]  # the run has them in the other order
    session.execute(OverlayRuns(()))
    qtbot.waitUntil(lambda: session.scene.overlays == ())
    session.reset()
    assert hues(session) == [1, 0]


def test_another_curriculum_assigns_its_own_colours(session, config):
    session.load(config.model_copy(update={"stages": config.stages[::-1]}))
    session.load(config)
    assert hues(session) == [0, 1]


def test_a_run_is_not_its_own_overlay(qtbot, session, stored):
    session.execute(OpenRun(stored[0]))
    wait_for_state(qtbot, session, "stored")
    with qtbot.waitSignal(session.noticed, timeout=2_000) as noticed:
        session.execute(OverlayRuns(tuple(stored[:1])))
    assert "in front already" in noticed.args[0].text
    session.execute(OverlayRuns(tuple(stored)))
    qtbot.waitUntil(lambda: [name for name, _ in session.scene.overlays] == ["second"])


def test_an_overlay_that_is_opened_is_no_overlay_until_another_run_is_opened(qtbot, session, stored):
    session.execute(OverlayRuns(tuple(stored)))
    qtbot.waitUntil(lambda: len(session.scene.overlays) == 2)
    for displayed, others in ((stored[0], ["second"]), (stored[1], ["first"])):
        session.execute(OpenRun(displayed))
        qtbot.waitUntil(lambda folder=displayed: session.folder == folder)
        assert [name for name, _ in session.scene.overlays] == others


def test_a_deleted_run_leaves_the_list_and_is_no_longer_displayed(qtbot, session, stored):
    session.execute(OpenRun(stored[0]))
    wait_for_state(qtbot, session, "stored")
    with qtbot.waitSignal(session.run_library.listed, timeout=5_000) as listed:
        session.execute(TrashRuns((stored[0],)))
    assert [row.name for row in listed.args[0]] == ["second"]
    assert session.story is None
    assert not stored[0].exists()


def test_the_playhead_is_moved_and_reset(qtbot, session, stored):
    session.execute(OpenRun(stored[0]))
    wait_for_state(qtbot, session, "stored")
    session.execute(MovePlayhead(12))
    assert session.scene.playhead == 12
    assert len(session.scene.story.until(session.scene.playhead).episodes("step")) == 12
    session.execute(MovePlayhead(None))
    assert session.scene.playhead is None


def test_no_run_is_opened_while_one_is_active(qtbot, session, stored):
    start(qtbot, session)
    session.execute(OpenRun(stored[0]))
    assert "A run is active" in session.notices[-1].text
    assert session.state == "running"


def test_a_damaged_run_is_a_notice(qtbot, session, tmp_path):
    with qtbot.waitSignal(session.noticed, timeout=5_000):
        session.execute(OpenRun(tmp_path / "nowhere"))
    assert session.state == "idle"


def test_every_event_of_a_run_is_folded_once(qtbot, session):
    start(qtbot, session)
    qtbot.waitUntil(lambda: session.story.step >= 50, timeout=5_000)
    session.stop()
    wait_for_state(qtbot, session, "stored")
    steps = session.story.episodes["step"]
    assert np.array_equal(steps, np.arange(1, len(steps) + 1))


def test_a_reset_stops_the_run_in_the_background(qtbot, session):
    start(qtbot, session)
    with qtbot.waitSignal(session.runs_changed, timeout=5_000):
        session.reset()
        assert (session.state, session.story) == ("idle", None)
    start(qtbot, session)
    assert session.is_live
