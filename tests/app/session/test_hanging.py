"""A world that hangs costs only the steps since the last checkpoint."""

import threading
import time

import pytest
from PySide6.QtWidgets import QWidget

from agents.errors import BadInput
from agents.events import Resumed, RunFinished, Updated
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer
from app.session.session import Session
from app.window.resume_offers import ResumeOffers
from app.window.settings import Settings
from envs.household.single_room import Household
from widgets.shell.notice_bar import NoticeBar

PATIENCE = 30_000


class Hang:
    """Blocks the thread that takes the next step in the household once it is armed, until it is freed."""

    def __init__(self, monkeypatch):
        self.armed, self.blocked, self.freed = threading.Event(), threading.Event(), threading.Event()
        self.skipped = 0.0
        step = Household.step

        def hang(world, action):
            if self.armed.is_set():
                self.armed.clear()
                self.blocked.set()
                self.freed.wait(60)
            return step(world, action)

        monkeypatch.setattr(Household, "step", hang)
        monkeypatch.setattr("agents.runtime.stall.monotonic", lambda: time.monotonic() + self.skipped)

    def strike(self, qtbot, session):
        """Make the world hang, and advance the clock of the stall detection by half a minute."""
        self.blocked.clear()
        self.armed.set()
        qtbot.waitUntil(self.blocked.is_set, timeout=PATIENCE)
        self.skipped += 31
        qtbot.waitUntil(lambda: session.live_run._thread.is_hung, timeout=PATIENCE)


@pytest.fixture
def hang(monkeypatch):
    instance = Hang(monkeypatch)
    yield instance
    instance.freed.set()


@pytest.fixture
def config(tiny):
    return tiny.changed({"stages.0.steps": 2_048, "checkpoint.save_steps": 64, "checkpoint.max_time_share": 1})


@pytest.fixture
def session(qtbot, tmp_path, hang):
    instance = Session(tmp_path / "runs")
    yield instance
    hang.freed.set()
    instance.close()
    qtbot.waitUntil(lambda: not instance.live_run._hung, timeout=PATIENCE)
    instance.deleteLater()


@pytest.fixture
def bar(qtbot, session, tmp_path):
    host = QWidget()
    host.resize(900, 600)
    qtbot.addWidget(host)
    host.show()
    instance = NoticeBar(host)
    ResumeOffers(session, Settings(tmp_path / "config"), instance)
    return instance


@pytest.fixture
def hung(qtbot, session, bar, hang, config):
    """The folder of a run whose world hangs after its first checkpoint."""
    session.load(config)
    session.start()
    qtbot.waitUntil(lambda: session.story is not None and session.story.step >= 100, timeout=PATIENCE)
    hang.strike(qtbot, session)
    return session.folder


def press(bar, text):
    next(button for button in bar._choices if button.text() == text).click()


def finished(session):
    return session.state == "stored" and not session.live_run.is_active


def losses(run):
    return [(event.step, event.terms) for event in run.replay() if isinstance(event, Updated)]


def test_a_hung_run_is_resumed_from_its_last_checkpoint_without_its_abandoned_thread(
    qtbot, session, bar, hang, hung, config
):
    assert "Its world may hang" in bar.text.text()
    abandoned_thread = session.live_run._thread
    press(bar, "Go on from the last checkpoint")
    qtbot.waitUntil(lambda: session.state == "running" and bool(session.story.resumed), timeout=PATIENCE)
    assert session.folder == hung
    hang.freed.set()  # the call of the world returns, in the abandoned thread
    qtbot.waitUntil(lambda: abandoned_thread not in session.live_run._hung, timeout=PATIENCE)
    qtbot.waitUntil(lambda: finished(session), timeout=PATIENCE)

    run, whole = Run(hung), RunStore(hung.parent / "whole").create(config)
    trainer = Trainer(config)
    trainer.store_in(whole)
    list(whole.record(trainer.run()))
    assert losses(run) == losses(whole)
    events = list(run.replay())
    assert [event.step for event in events] == sorted(event.step for event in events)
    assert [type(event) for event in events].count(Resumed) == 1
    assert isinstance(events[-1], RunFinished)
    for point in run.saves():
        run.load(point)  # raises unless its checksums are right
    assert session.story.step == run.story().step == 2_176


def test_a_world_that_hangs_again_is_left_again(qtbot, session, bar, hang, hung):
    for times in (1, 2):
        press(bar, "Go on from the last checkpoint")
        qtbot.waitUntil(lambda: session.state == "running" and not bar.isVisible(), timeout=PATIENCE)
        if times == 1:
            hang.strike(qtbot, session)
            assert bar.isVisible()
    assert len(session.live_run._hung) == 2
    session.stop()
    qtbot.waitUntil(lambda: finished(session), timeout=PATIENCE)
    assert Run(hung).state == "stopped"


def test_the_offer_is_withdrawn_when_the_world_continues(qtbot, session, bar, hang, hung):
    assert bar.isVisible()
    hang.freed.set()
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: finished(session), timeout=PATIENCE)
    assert Run(hung).state == "done"


def test_a_thread_that_hangs_while_it_writes_is_not_abandoned(session, bar, hung, monkeypatch):
    def refuse():
        raise BadInput("it hangs while it writes")

    notices = []
    session.noticed.connect(notices.append)
    monkeypatch.setattr(session.live_run._thread._prepared.run, "abandon", refuse)
    press(bar, "Go on from the last checkpoint")
    assert notices[-1].text == "it hangs while it writes"
    assert session.live_run.is_active


def test_a_hung_run_can_be_resumed_after_a_reset(session, bar, hung):
    session.reset()
    assert not bar.isVisible()
    assert not Run(hung).is_busy
    assert Run(hung).state == "interrupted"


def test_closing_abandons_a_hung_thread(qtbot, session, hang, hung, monkeypatch):
    session.live_run._thread.is_hung = False  # half a minute has not passed yet
    hang.skipped -= 31
    monkeypatch.setattr("app.runs.trainer_thread.LAST_STEP_TIMEOUT", 0.2)
    assert not session.close()
    assert not Run(hung).is_busy
    assert Run(hung).saved().point.step > 0
