from pathlib import Path

import pytest
from PySide6.QtCore import QThread

from agents.config.config_file import save
from app.benchmarks.heartbeat import EventLoopProbe
from app.benchmarks.turns import Turns
from app.benchmarks.window import _marks, _speeds
from app.benchmarks.windowless_process import Opponent
from app.session.session import Session


def test_a_heart_tells_how_long_its_thread_was_kept_busy(qtbot):
    heartbeat = EventLoopProbe()
    heartbeat.start()
    qtbot.wait(400)
    QThread.msleep(120)
    qtbot.wait(100)
    heartbeat.stop()
    pulse = heartbeat.pulse()
    assert pulse.beats >= 10
    assert pulse.longest >= 120
    assert pulse.median <= pulse.late <= pulse.longest


def test_what_passes_while_the_heart_is_stopped_does_not_count(qtbot):
    heartbeat = EventLoopProbe()
    heartbeat.start()
    qtbot.wait(100)
    heartbeat.stop()
    stopped = heartbeat.pulse()
    qtbot.wait(300)
    heartbeat.stop()
    assert heartbeat.pulse() == stopped


def test_marks_lie_a_stretch_apart():
    assert _marks([100, 200, 250, 300, 480, 500], 150) == [100, 250, 480]


def test_speeds_are_compared_on_the_same_steps():
    alone = {step: step / 1000 for step in range(0, 5001, 500)}
    window = {step: 5 + step / 800 for step in range(0, 5001, 250)}
    rate, other, ratio = _speeds(window, alone, 1000)
    assert (rate.value, other.value, ratio.value) == pytest.approx((800, 1000, 0.8))
    assert not ratio.holds


def test_a_window_and_its_opponent_live_the_same_steps_in_turns(qtbot, tmp_path, tiny):
    path = tmp_path / "tiny.toml"
    save(path, tiny)
    session = Session(tmp_path / "runs")
    session.load(tiny)
    opponent = Opponent(path, tmp_path / "windowless", session)
    heartbeat = EventLoopProbe(session)
    turns = Turns(session, opponent, heartbeat, stretch=100)
    with qtbot.waitSignal(turns.over, timeout=60_000):
        pass
    assert not opponent.has_failed
    assert session.story.finished.reason == "done"
    assert list(opponent.times) == sorted(set(session.story.updates["entropy"]["step"].tolist()))
    assert heartbeat.pulse().beats > 0
    session.close()
    session.deleteLater()


def test_an_opponent_that_fails_is_told(qtbot):
    opponent = Opponent(Path("nowhere.toml"), Path("nowhere"))
    with qtbot.waitSignal(opponent.over, timeout=30_000):
        opponent.start()
    assert opponent.has_failed
    opponent.deleteLater()
