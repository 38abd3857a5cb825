import os
import time

import pytest
from PySide6.QtWidgets import QWidget

from agents.store.run_store import RunStore
from app.session.session import Session
from app.window.resume_offers import ResumeOffers
from app.window.settings import Settings
from widgets.shell.notice_bar import NoticeBar


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


@pytest.fixture
def open_session(qtbot, tmp_path, scripted, config):
    """Creates a session and its bar of offers, and returns both once the runs are listed."""
    sessions = []

    def create(**script):
        host = QWidget()
        host.resize(900, 600)
        qtbot.addWidget(host)
        host.show()
        session = Session(tmp_path / "runs", prepare=lambda plan, runs: scripted(plan, **script))
        session.load(config)
        bar = NoticeBar(host)
        ResumeOffers(session, Settings(tmp_path / "config"), bar)
        sessions.append(session)
        with qtbot.waitSignal(session.run_library.listed, timeout=10_000):
            session.run_library.refresh()
        return session, bar

    yield create
    for session in sessions:
        session.close()
        session.deleteLater()


def interrupted_run(store, scripted, config, name="cut", steps=12):
    """A run that was interrupted."""
    run = store.create(config, name)
    for event in run.record(scripted(config).events):
        if event.step >= steps:
            break
    return run


def press(bar, text):
    next(button for button in bar._choices if button.text() == text).click()


def test_an_interrupted_run_is_offered_at_the_next_start(store, scripted, config, open_session):
    interrupted_run(store, scripted, config)
    _, bar = open_session()
    assert bar.isVisible()
    assert bar.text.text() == "‘cut’ was interrupted at step 11."
    assert [button.text() for button in bar._choices] == ["Go on", "Not now"]
    assert all(button.accessibleName() for button in bar._choices)


def test_a_button_resumes_the_run(qtbot, store, scripted, config, open_session, monkeypatch):
    run = interrupted_run(store, scripted, config)
    _, bar = open_session()
    resumed = []
    monkeypatch.setattr("app.window.resume_offers.resume_run", lambda session, folder: resumed.append(folder))
    press(bar, "Go on")
    assert resumed == [run.folder]
    assert not bar.isVisible()


@pytest.mark.parametrize("decline", [lambda bar: press(bar, "Not now"), lambda bar: bar._close.click()])
def test_a_declined_run_is_not_offered_again(store, scripted, config, open_session, decline):
    interrupted_run(store, scripted, config)
    _, bar = open_session()
    decline(bar)
    _, second_bar = open_session()
    assert not second_bar.isVisible()
    interrupted_run(store, scripted, config, "other")
    _, third_bar = open_session()
    assert "‘other’" in third_bar.text.text()


def test_a_finished_run_is_not_offered(store, scripted, config, open_session):
    run = store.create(config, "whole")
    list(run.record(scripted(config, steps=5).events))
    _, bar = open_session()
    assert not bar.isVisible()


def test_a_run_interrupted_days_ago_is_not_offered(store, scripted, config, open_session):
    run = interrupted_run(store, scripted, config)
    past = time.time() - 3 * 24 * 3600
    for path in run.folder.rglob("*"):
        os.utime(path, (past, past))
    _, bar = open_session()
    assert not bar.isVisible()


def test_a_run_that_another_process_writes_is_not_offered(store, scripted, config, open_session):
    run = store.create(config, "busy")
    events = run.record(scripted(config).events)
    while next(events).step < 5:
        pass
    _, bar = open_session()
    assert not bar.isVisible()
    events.close()


def test_a_run_that_an_error_ended_is_offered(qtbot, store, scripted, config, open_session):
    folder = store.create(config, "broken").folder
    session, bar = open_session(steps=3, error=ValueError("boom"), folder=folder)
    session.start()
    qtbot.waitUntil(lambda: session.state == "stored", timeout=10_000)
    assert "ended by an error" in bar.text.text()
    assert bar.isVisible()
    session.start()
    assert not bar.isVisible()
    qtbot.waitUntil(lambda: session.state == "stored", timeout=10_000)
