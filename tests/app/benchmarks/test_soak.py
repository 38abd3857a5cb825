import ctypes
import sys
from collections import Counter

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.benchmarks import soak
from app.benchmarks.inventory import Inventory, MemoryUse, measure_memory, take_inventory
from app.diagnostics.log_file import LogFile
from app.process.application import create_window, parse
from app.process.gc_scheduler import GCScheduler
from app.window.settings import Settings


@pytest.fixture
def window(qtbot, tmp_path):
    log = LogFile(tmp_path / "log")
    opened = create_window(
        parse(["demo", "--runs", str(tmp_path / "runs"), "--language", "en"]), Settings(tmp_path / "s"), log
    )
    opened.show()
    yield opened
    session = opened.session
    opened.close()
    log.close()
    session.findChild(GCScheduler).end()
    opened.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    session.deleteLater()


def test_opening_and_closing_everything_leaks_nothing(window):
    before, after = soak._cycle(window, 3)
    assert not any(figure.value > 0 for figure in soak._leaks(before, after, 3)), after.kinds - before.kinds


def test_leaked_objects_are_counted(window):
    empty = take_inventory(window)
    leaked = [QTimer(window), QWidget(window), QObject(window), QThread(window)]
    leaked[-1].start()
    assert take_inventory(window).increase_from(empty) == {"threads": 1, "timers": 1, "widgets": 1, "objects": 4}
    leaked[-1].quit()
    leaked[-1].wait()


def readings(growth, trainer=0.0):
    """Return readings of an hour with linear growth in megabytes, and a steep first third."""
    times = list(range(0, 3601, 60))
    start = [min(time, 1200) for time in times]
    return [
        soak.SoakReading(
            time,
            time * 1000,
            MemoryUse(round((first + growth * time / 3600) * 1e6), 0, 0),
            round(trainer * time / 3600 * 1e6),
            round((first + 400) * 1e6),
            7,
        )
        for time, first in zip(times, start, strict=True)
    ]


def test_growth_is_a_straight_line_after_the_first_third():
    found = {figure.name: figure for figure in soak._growth(readings(growth=90.0, trainer=60.0))}
    assert found["growth: window and trainer"].value == pytest.approx(90, abs=0.1)
    assert found["growth: trainer"].value == pytest.approx(60, abs=0.1)
    assert found["growth: window"].value == pytest.approx(30, abs=0.1)
    assert found["growth: widgets and timers"].value == pytest.approx(0, abs=1e-6)
    assert not soak._growth(readings(growth=2 * soak.LIMIT))[0].holds


def test_any_leak_fails():
    before, after = (Inventory(4, timers, 100, Counter(QTimer=timers)) for timers in (10, 11))
    assert [figure.name for figure in soak._leaks(before, after, 5) if not figure.holds] == [
        "leaked timers",
        "leaked objects",
    ]
    assert "more of: 1 QTimer" in soak._leaks(before, after, 5)[0].source


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallinfo2 is part of glibc")
def test_the_memory_in_use_grows_with_an_allocation():
    before = measure_memory()
    block = ctypes.create_string_buffer(64_000_000)
    assert measure_memory().in_use - before.in_use == pytest.approx(64_000_000, rel=0.05)
    del block


def test_a_repeated_curriculum_outlasts_the_time(tmp_path):
    stages = soak.load(soak._repeated(tmp_path / "endless.toml", "demo", 20)).stages
    assert sum(stage.steps for stage in stages) >= 20 * soak.FASTEST
    assert len({stage.configured_task.identity for stage in stages}) == 4
