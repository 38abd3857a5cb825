import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from agents.commands import Configure
from agents.config import RunConfig
from agents.events import CommandApplied
from agents.store.metadata import Parent
from agents.store.run import Run
from agents.store.run_store import RunStore
from app.window.run_dialogs import RunDialogs
from widgets.requests import DescribeRun, ForkFrom, MovePlayhead, OpenRun, OverlayRuns
from widgets.runs.fork_dialog import ForkDialog, Parting


@pytest.fixture
def run(session, scripted, config):
    """Forty steps, EWC from step 20 on."""

    def events():
        for event in scripted(config, steps=40).events:
            yield event
            if event.step == 20:
                yield CommandApplied(step=20, command=Configure(changes={"strategy.name": "ewc"}))

    instance = RunStore(session.run_library.root).create(config, "mother")
    list(instance.record(events()))
    return instance


@pytest.fixture
def dialogs(qtbot, session, run):
    window = QWidget()
    qtbot.addWidget(window)
    session.execute(OpenRun(run.folder))
    qtbot.waitUntil(lambda: session.state == "stored", timeout=5_000)
    return RunDialogs(session, window)


@pytest.fixture
def forks(monkeypatch):
    """The folder and options of every fork."""
    requested = []
    monkeypatch.setattr(
        "app.window.run_dialogs.fork", lambda session, folder, options: requested.append((folder, options))
    )
    return requested


@pytest.fixture
def user(monkeypatch):
    """Calls `act` with every dialog, and answers it; `shown` lists the dialogs."""

    class User:
        shown = ()
        act = staticmethod(lambda dialog: None)
        answer = QDialog.DialogCode.Accepted

    def execute(dialog):
        User.shown.append(dialog)
        User.act(dialog)
        return User.answer

    User.shown = []
    monkeypatch.setattr(QDialog, "exec", execute)
    return User


def choose_strategy(name):
    def choose(dialog):
        box = dialog.findChild(QComboBox)
        box.setCurrentIndex(box.findData(name))

    return choose


def test_the_playhead_and_the_strategy_at_its_step_are_suggested(session, run, dialogs, forks, user):
    session.execute(MovePlayhead(12))
    dialogs.fork_here()
    ((folder, options),) = forks
    assert folder == run.folder
    assert (options.step, options.changes, options.stages) == (12, {}, None)
    session.execute(MovePlayhead(30))
    dialogs.fork_here()
    assert user.shown[-1].findChild(QComboBox).currentData() == "ewc"
    assert forks[-1][1].changes == {}


@pytest.mark.parametrize(("requested", "step"), [(7, 7), (10**6, 40), (-3, 0)])
def test_a_requested_step_is_clamped_to_the_run(dialogs, forks, user, requested, step):
    dialogs.fork(ForkFrom(requested))
    assert forks[-1][1].step == step


def test_another_strategy_is_a_change_of_all_its_settings(dialogs, forks, user, config):
    user.act = choose_strategy("ewc")
    dialogs.fork(ForkFrom(10))
    options = forks[-1][1]
    assert options.changes["strategy.name"] == "ewc"
    assert config.changed(options.changes).strategy == config.changed({"strategy.name": "ewc"}).strategy
    assert options.name == "mother from 10, EWC"


def test_the_same_strategy_with_another_setting_changes_only_that(dialogs, forks, user):
    def act(dialog):
        dialog._set("strength", 7.0)

    user.act = act
    dialogs.fork(ForkFrom(30))
    assert forks[-1][1].changes == {"strategy.strength": 7.0}


def test_the_plan_of_the_timeline_is_offered_only_if_it_is_another(session, dialogs, forks, user):
    dialogs.fork(ForkFrom(10))
    assert forks[-1][1].stages is None
    session.curriculum.duplicate("b")
    dialogs.fork(ForkFrom(10))
    assert forks[-1][1].stages == session.curriculum.stages


def test_a_cancelled_dialog_forks_nothing(dialogs, forks, user):
    user.answer = QDialog.DialogCode.Rejected
    dialogs.fork_here()
    assert forks == []


def test_a_fork_at_an_invalid_step_is_refused(qtbot):
    dialog = ForkDialog(Parting("mother", 20, 40, RunConfig()))
    qtbot.addWidget(dialog)
    dialog.show()
    box = dialog.findChild(QSpinBox)
    box.selectAll()
    qtbot.keyClicks(box, "41")
    dialog.accept()
    assert dialog.isVisible()
    texts = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible() and label.property("problem")]
    assert texts == ["‘41’ is refused. Allowed: whole numbers from 0 to 40."]


def test_a_run_that_is_not_displayed_is_read_in_another_thread(qtbot, session, scripted, dialogs, forks, monkeypatch):
    other = RunStore(session.run_library.root).create(session.config, "other")
    list(other.record(scripted(steps=15).events))
    readers, story, names = [], Run.story, []

    def note(run):
        readers.append(QThread.currentThread())
        return story(run)

    def execute(dialog):
        names.append(dialog.name)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(Run, "story", note)
    monkeypatch.setattr(QDialog, "exec", execute)
    dialogs.fork(ForkFrom(10, other.folder))
    qtbot.waitUntil(lambda: bool(forks), timeout=5_000)
    assert forks[0][0] == other.folder
    assert names == ["other from 10"]
    assert readers
    assert QThread.currentThread() not in readers


def test_without_a_run_the_notice_has_a_remedy(session, qtbot, forks):
    window = QWidget()
    qtbot.addWidget(window)
    RunDialogs(session, window).fork_here()
    assert "Press play" in session.notices[-1].text


def test_every_control_has_a_name(dialogs, forks, user):
    dialogs.fork_here()
    (dialog,) = user.shown
    assert isinstance(dialog, ForkDialog)
    for kind in (QSpinBox, QComboBox, QLineEdit):
        for control in dialog.findChildren(kind):
            assert control.accessibleName() or control.objectName() == "qt_spinbox_lineedit", control


def test_the_displayed_run_shows_its_new_name(qtbot, session, run, dialogs, user):
    def act(dialog):
        name, tags = dialog.findChildren(QLineEdit)
        name.setText("father")
        tags.setText("kitchen， mirror")  # a Chinese comma parts words, too
        dialog.findChild(QPlainTextEdit).setPlainText("worth a look")

    with qtbot.waitSignal(session.run_library.listed, timeout=5_000):
        session.run_library.refresh()
    user.act = act
    with qtbot.waitSignal(session.run_library.listed, timeout=5_000) as listed:
        dialogs.describe(DescribeRun(run.folder))
    (row,) = listed.args[0]
    assert (row.name, row.tags, row.note) == ("father", ("kitchen", "mirror"), "worth a look")
    assert session.name == "father"
    assert Run(run.folder).name == "father"


def rename(qtbot, session, dialogs, user, folder):
    with qtbot.waitSignal(session.run_library.listed, timeout=5_000):
        session.run_library.refresh()
    user.act = staticmethod(lambda dialog: dialog.findChild(QLineEdit).setText("father"))
    with qtbot.waitSignal(session.run_library.listed, timeout=5_000):
        dialogs.describe(DescribeRun(folder))


def test_an_overlay_shows_its_new_name(qtbot, session, run, dialogs, user):
    other = RunStore(session.run_library.root).create(run.config, "other")
    list(other.record(run.replay()))
    session.execute(OverlayRuns((other.folder,)))
    qtbot.waitUntil(lambda: [name for name, _ in session.scene.overlays] == ["other"], timeout=5_000)
    rename(qtbot, session, dialogs, user, other.folder)
    assert [name for name, _ in session.scene.overlays] == ["father"]


def test_a_fork_shows_the_new_name_of_its_parent(qtbot, session, run, dialogs, user):
    session.parent_run = Parent(run.folder.name, "mother", 20)
    session.folder = None
    rename(qtbot, session, dialogs, user, run.folder)
    assert session.scene.parent == ("father", 20)


def problems(dialog):
    labels = dialog.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisibleTo(dialog) and label.property("problem")]


def test_a_finished_run_is_forked_at_the_start_of_its_last_stage_by_default(dialogs, forks, user):
    dialogs.fork_here()
    assert user.shown[0].step == 0
    assert not problems(user.shown[0])


@pytest.mark.parametrize(
    ("state", "takes_plan", "allowed"), [("done", False, False), ("done", True, True), ("stopped", False, True)]
)
def test_the_end_of_a_finished_run_can_only_be_forked_with_another_plan(qtbot, state, takes_plan, allowed):
    parting = Parting(name="r", step=40, last=40, config=RunConfig(), replanned=True, is_done=state == "done")
    dialog = ForkDialog(parting)
    qtbot.addWidget(dialog)
    dialog._plan.setChecked(takes_plan)
    assert bool(problems(dialog)) is not allowed
    dialog.accept()
    assert (dialog.result() == QDialog.DialogCode.Accepted) is allowed
    dialog._step.setValue(39)
    assert not problems(dialog)
    dialog.accept()
    assert dialog.result() == QDialog.DialogCode.Accepted
