from pathlib import Path

import pytest
from PySide6.QtCore import QThread

from agents.config.config_file import save
from app.benchmarks.heartbeat import EventLoopProbe
from app.benchmarks.turns import Turns
from app.benchmarks.window import _marks, _speeds
from app.benchmarks.windowless_process import WindowlessProcess
from app.session.session import Session


def test_the_longest_interval_shows_how_long_the_thread_was_blocked(qtbot):
    probe = EventLoopProbe()
    probe.start()
    qtbot.wait(400)
    QThread.msleep(120)
    qtbot.wait(100)
    probe.stop()
    intervals = probe.statistics()
    assert intervals.count >= 10
    assert intervals.longest >= 120
    assert intervals.median <= intervals.p99 <= intervals.longest


def test_time_after_a_stop_does_not_count(qtbot):
    probe = EventLoopProbe()
    probe.start()
    qtbot.wait(100)
    probe.stop()
    stopped = probe.statistics()
    qtbot.wait(300)
    probe.stop()
    assert probe.statistics() == stopped


def test_marks_are_a_stretch_from_each_other():
    assert _marks([100, 200, 250, 300, 480, 500], 150) == [100, 250, 480]


def test_speeds_are_compared_on_the_same_steps():
    alone = {step: step / 1000 for step in range(0, 5001, 500)}
    window = {step: 5 + step / 800 for step in range(0, 5001, 250)}
    rate, other, ratio = _speeds(window, alone, 1000)
    assert (rate.value, other.value, ratio.value) == pytest.approx((800, 1000, 0.8))
    assert not ratio.holds


def test_a_session_and_a_process_execute_the_same_steps_in_turns(qtbot, tmp_path, tiny):
    path = tmp_path / "tiny.toml"
    save(path, tiny)
    session = Session(tmp_path / "runs")
    session.load(tiny)
    process = WindowlessProcess(path, tmp_path / "windowless", session)
    probe = EventLoopProbe(session)
    turns = Turns(session, process, probe, stretch=100)
    with qtbot.waitSignal(turns.over, timeout=60_000):
        pass
    assert not process.has_failed
    assert session.story.finished.reason == "done"
    assert list(process.times) == sorted(set(session.story.updates["entropy"]["step"].tolist()))
    assert probe.statistics().count > 0
    session.close()
    session.deleteLater()


def test_a_process_that_fails_is_detected(qtbot):
    process = WindowlessProcess(Path("nowhere.toml"), Path("nowhere"))
    with qtbot.waitSignal(process.over, timeout=30_000):
        process.start()
    assert process.has_failed
    process.deleteLater()
