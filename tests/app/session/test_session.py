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


def become(qtbot, session, state):
    qtbot.waitUntil(lambda: session.state == state, timeout=5_000)


def test_play_starts_pauses_and_goes_on(qtbot, session):
    assert session.state == "idle"
    start(qtbot, session)
    session.play_or_pause()
    become(qtbot, session, "paused")
    held = session.story.step
    qtbot.wait(150)
    assert session.story.step == held
    session.play_or_pause()
    become(qtbot, session, "running")
    qtbot.waitUntil(lambda: session.story.step > held)


def test_a_single_step_from_rest_begins_a_run_that_holds_still(qtbot, session, scripted):
    session.single_step()
    become(qtbot, session, "paused")
    qtbot.waitUntil(lambda: len(scripted.made[0].obeyed) == 2)
    assert [type(command) for command in scripted.made[0].obeyed] == [Pause, SingleStep]


def test_stop_leaves_the_run_in_front_as_a_stored_one(qtbot, session):
    start(qtbot, session)
    qtbot.waitUntil(lambda: session.story.step > 5)
    session.stop()
    become(qtbot, session, "stored")
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


def test_an_empty_curriculum_is_not_started_and_says_why(session):
    session.load(RunConfig(name="Nothing"))
    session.play_or_pause()
    assert session.state == "idle"
    assert "empty" in session.notices[-1].text


def test_settings_that_do_not_go_with_the_curriculum_are_told_and_leave_no_run(session, config):
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
    become(qtbot, session, "paused")
    qtbot.wait(250)
    scenes.clear()
    qtbot.wait(400)
    assert scenes == []


def test_an_edit_of_the_plan_is_sent_to_the_run_that_goes_on(qtbot, session, scripted):
    start(qtbot, session)
    qtbot.waitUntil(lambda: session.curriculum.history.running == "a", timeout=5_000)
    session.curriculum.resize("b", 9_000)
    qtbot.waitUntil(lambda: bool(scripted.made[0].obeyed))
    (edit,) = scripted.made[0].obeyed
    assert isinstance(edit, EditCurriculum)
    assert edit.stages[1].steps == 9_000


def test_only_settings_that_can_change_live_are_sent(qtbot, session, scripted):
    start(qtbot, session)
    changes = {"strategy.name": "ewc", "model.layers": 3}
    session.obey(ConfigChanged(session.config.changed(changes), changes))
    qtbot.waitUntil(lambda: bool(scripted.made[0].obeyed))
    (command,) = scripted.made[0].obeyed
    assert isinstance(command, Configure)
    assert command.changes == {"strategy.name": "ewc"}
    assert isinstance(session.plan().strategy, EWCConfig)


def test_while_nothing_runs_a_changed_setting_waits_for_the_next_run(qtbot, session, scripted):
    session.obey(ConfigChanged(session.config.changed({"seed": 3}), {"seed": 3}))
    start(qtbot, session)
    assert scripted.made[0].config.seed == 3
    assert scripted.made[0].obeyed == []


ASIDE = Fault(step=1, index=0, message="{task} was set aside: {error}", arguments={"task": "T", "error": "E"})
REFUSED = CommandRefused(step=1, command=Resume(), reason="{setting} stays", arguments={"setting": "seed"})


@pytest.mark.parametrize(("event", "said"), [(ASIDE, "T was set aside"), (REFUSED, "Seed stays")])
def test_what_went_wrong_is_told_in_one_line(session, event, said):
    session._tell((event,))
    assert session.notices[-1].is_problem
    assert said in session.notices[-1].text
    assert "\n" not in session.notices[-1].text


@pytest.mark.parametrize(
    ("setting", "called"),
    [
        ("algorithm.name", "Algorithm"),
        ("learning.learning_rate", "Learning rate at the start"),
        ("odd.path", "odd.path"),
    ],
)
def test_a_refused_setting_is_called_as_in_the_form(session, setting, called):
    arguments = {"setting": setting}
    session._tell((CommandRefused(step=1, command=Resume(), reason="{setting} stays", arguments=arguments),))
    assert session.notices[-1].text == f"{called} stays"


def test_the_words_of_a_world_stand_in_a_sentence_of_the_interface(session):
    interpreter = LanguageSwitcher()
    interpreter.switch_to("zh_CN")
    error = {"task": "Arena", "error": "Arena-v0: step raised ValueError: no"}
    session._tell((Fault(step=1, index=0, message="{task} was set aside: {error}", arguments=error),))
    interpreter.switch_to("en")
    assert session.notices[-1].text.endswith("世界 Arena-v0 在 step 中出错。它的代码的原话：ValueError: no")


def test_a_refused_edit_shows_the_plan_that_the_run_still_has(qtbot, session, config):
    start(qtbot, session)
    session.put(Pause())
    become(qtbot, session, "paused")
    session.curriculum.remove("b")
    refused = CommandRefused(step=1, command=EditCurriculum(stages=()), reason="no")
    session._tell((refused,))
    assert session.curriculum.stages == config.stages


def test_an_error_in_the_trainer_leaves_the_lab_ready_for_another_run(qtbot, tmp_path, scripted, config):
    session = Session(tmp_path, prepare=lambda plan, runs: scripted(plan, steps=3, error=ValueError("boom")))
    session.load(config)
    with qtbot.waitSignal(session.noticed, timeout=5_000) as noticed:
        session.play_or_pause()
    assert noticed.args[0].text == "boom"
    become(qtbot, session, "stored")
    session.play_or_pause()
    qtbot.waitUntil(lambda: len(scripted.made) == 2 and session.state == "stored", timeout=5_000)
    session.close()
    session.deleteLater()


def test_a_command_without_a_run_is_answered_at_once(session):
    session.evaluate()
    assert "No run" in session.notices[-1].text


@pytest.fixture
def stored(session, scripted, config):
    """Two recorded runs of the scripted work."""
    store = RunStore(session.run_library.root)
    folders = []
    for name in ("first", "second"):
        run = store.create(config, name)
        list(run.record(scripted(config, steps=30).events))
        folders.append(run.folder)
    return folders


def test_a_stored_run_tells_the_same_story_in_front(qtbot, session, stored, config):
    session.obey(OpenRun(stored[0]))
    become(qtbot, session, "stored")
    assert session.name == "first"
    assert np.array_equal(session.story.episodes["step"], np.arange(1, 31))
    assert session.curriculum.stages == config.stages
    assert session.config.seed == 7


def test_runs_are_laid_over_and_taken_off(qtbot, session, stored):
    session.obey(OverlayRuns(tuple(stored)))
    qtbot.waitUntil(lambda: len(session.scene.overlays) == 2)
    assert [name for name, _ in session.scene.overlays] == ["first", "second"]
    session.obey(OverlayRuns(()))
    qtbot.waitUntil(lambda: session.scene.overlays == ())


def hues(session):
    known = session.scene.colours
    return [known[stage.configured_task.identity] for stage in session.curriculum.stages]


def test_runs_in_front_laid_over_and_taken_off_keep_the_colours_of_the_document(qtbot, session, stored, config):
    session.load(config.model_copy(update={"stages": config.stages[::-1]}))
    assert hues(session) == [0, 1]
    session.obey(OverlayRuns(tuple(stored)))
    qtbot.waitUntil(lambda: len(session.scene.overlays) == 2)
    session.obey(OpenRun(stored[0]))
    become(qtbot, session, "stored")
    assert hues(session) == [1, 0]  # the run has them in the other order
    session.obey(OverlayRuns(()))
    qtbot.waitUntil(lambda: session.scene.overlays == ())
    session.reset()
    assert hues(session) == [1, 0]


def test_another_document_gives_its_tasks_colours_of_its_own(session, config):
    session.load(config.model_copy(update={"stages": config.stages[::-1]}))
    session.load(config)
    assert hues(session) == [0, 1]


def test_a_run_is_not_laid_over_itself(qtbot, session, stored):
    session.obey(OpenRun(stored[0]))
    become(qtbot, session, "stored")
    with qtbot.waitSignal(session.noticed, timeout=2_000) as told:
        session.obey(OverlayRuns(tuple(stored[:1])))
    assert "in front already" in told.args[0].text
    session.obey(OverlayRuns(tuple(stored)))
    qtbot.waitUntil(lambda: [name for name, _ in session.scene.overlays] == ["second"])


def test_a_run_laid_over_and_then_opened_is_shown_once_and_comes_back_when_another_is_opened(qtbot, session, stored):
    session.obey(OverlayRuns(tuple(stored)))
    qtbot.waitUntil(lambda: len(session.scene.overlays) == 2)
    for front, over in ((stored[0], ["second"]), (stored[1], ["first"])):
        session.obey(OpenRun(front))
        qtbot.waitUntil(lambda folder=front: session.folder == folder)
        assert [name for name, _ in session.scene.overlays] == over


def test_a_trashed_run_leaves_the_list_and_the_front(qtbot, session, stored):
    session.obey(OpenRun(stored[0]))
    become(qtbot, session, "stored")
    with qtbot.waitSignal(session.run_library.listed, timeout=5_000) as listed:
        session.obey(TrashRuns((stored[0],)))
    assert [row.name for row in listed.args[0]] == ["second"]
    assert session.story is None
    assert not stored[0].exists()


def test_looking_back_moves_the_playhead_and_ends_with_none(qtbot, session, stored):
    session.obey(OpenRun(stored[0]))
    become(qtbot, session, "stored")
    session.obey(MovePlayhead(12))
    assert session.scene.playhead == 12
    assert len(session.scene.story.until(session.scene.playhead).episodes("step")) == 12
    session.obey(MovePlayhead(None))
    assert session.scene.playhead is None


def test_another_run_is_not_opened_over_one_that_goes_on(qtbot, session, stored):
    start(qtbot, session)
    session.obey(OpenRun(stored[0]))
    assert "going on" in session.notices[-1].text
    assert session.state == "running"


def test_a_damaged_run_is_a_notice(qtbot, session, tmp_path):
    with qtbot.waitSignal(session.noticed, timeout=5_000):
        session.obey(OpenRun(tmp_path / "nowhere"))
    assert session.state == "idle"


def test_every_event_of_a_run_is_folded_once(qtbot, session):
    start(qtbot, session)
    qtbot.waitUntil(lambda: session.story.step >= 50, timeout=5_000)
    session.stop()
    become(qtbot, session, "stored")
    steps = session.story.episodes["step"]
    assert np.array_equal(steps, np.arange(1, len(steps) + 1))


def test_going_back_to_the_start_lets_the_run_end_behind_the_scenes(qtbot, session):
    start(qtbot, session)
    with qtbot.waitSignal(session.runs_changed, timeout=5_000):
        session.reset()
        assert (session.state, session.story) == ("idle", None)
    start(qtbot, session)
    assert session.is_live
