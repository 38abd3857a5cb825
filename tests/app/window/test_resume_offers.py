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
def opened(qtbot, tmp_path, scripted, config):
    """Opens the lab: returns its session and the bar of offers, once the runs are listed."""
    made = []

    def open_lab(**script):
        host = QWidget()
        host.resize(900, 600)
        qtbot.addWidget(host)
        host.show()
        session = Session(tmp_path / "runs", prepare=lambda plan, runs: scripted(plan, **script))
        session.load(config)
        bar = NoticeBar(host)
        ResumeOffers(session, Settings(tmp_path / "config"), bar)
        made.append(session)
        with qtbot.waitSignal(session.run_library.listed, timeout=10_000):
            session.run_library.refresh()
        return session, bar

    yield open_lab
    for session in made:
        session.close()
        session.deleteLater()


def cut_off(store, scripted, config, name="cut", steps=12):
    """A run that was killed."""
    run = store.create(config, name)
    for event in run.record(scripted(config).events):
        if event.step >= steps:
            break
    return run


def press(bar, text):
    next(button for button in bar._choices if button.text() == text).click()


def test_a_run_that_was_cut_off_is_offered_at_the_next_start(store, scripted, config, opened):
    cut_off(store, scripted, config)
    _, bar = opened()
    assert bar.isVisible()
    assert bar.text.text() == "‘cut’ was interrupted at step 11."
    assert [button.text() for button in bar._choices] == ["Go on", "Not now"]
    assert all(button.accessibleName() for button in bar._choices)


def test_going_on_is_one_press(qtbot, store, scripted, config, opened, monkeypatch):
    run = cut_off(store, scripted, config)
    _, bar = opened()
    asked = []
    monkeypatch.setattr("app.window.resume_offers.go_on", lambda session, folder: asked.append(folder))
    press(bar, "Go on")
    assert asked == [run.folder]
    assert not bar.isVisible()


@pytest.mark.parametrize("decline", [lambda bar: press(bar, "Not now"), lambda bar: bar._close.click()])
def test_what_was_declined_is_not_offered_again(store, scripted, config, opened, decline):
    cut_off(store, scripted, config)
    _, bar = opened()
    decline(bar)
    _, again = opened()
    assert not again.isVisible()
    cut_off(store, scripted, config, "other")
    _, another = opened()
    assert "‘other’" in another.text.text()


def test_a_run_that_ended_in_good_order_is_not_offered(store, scripted, config, opened):
    run = store.create(config, "whole")
    list(run.record(scripted(config, steps=5).events))
    _, bar = opened()
    assert not bar.isVisible()


def test_what_was_cut_off_days_ago_is_not_offered(store, scripted, config, opened):
    run = cut_off(store, scripted, config)
    past = time.time() - 3 * 24 * 3600
    for path in run.folder.rglob("*"):
        os.utime(path, (past, past))
    _, bar = opened()
    assert not bar.isVisible()


def test_a_run_that_another_process_writes_is_not_offered(store, scripted, config, opened):
    run = store.create(config, "busy")
    events = run.record(scripted(config).events)
    while next(events).step < 5:
        pass
    _, bar = opened()
    assert not bar.isVisible()
    events.close()


def test_an_error_that_ends_the_run_leaves_the_window_and_offers_to_go_on(qtbot, store, scripted, config, opened):
    folder = store.create(config, "broken").folder
    session, bar = opened(steps=3, error=ValueError("boom"), folder=folder)
    session.start()
    qtbot.waitUntil(lambda: session.state == "stored", timeout=10_000)
    assert "ended by an error" in bar.text.text()
    assert bar.isVisible()
    session.start()
    assert not bar.isVisible()
    qtbot.waitUntil(lambda: session.state == "stored", timeout=10_000)
