import os

import psutil
import pytest

from app.diagnostics.machine_load import LoadMonitor, gpu_load_reader


def test_the_load_is_measured_periodically(qtbot):
    monitor = LoadMonitor()
    with qtbot.waitSignal(monitor.measured, timeout=5_000) as measured:
        pass
    load = measured.args[0]
    assert 0 <= load.processor <= 100
    assert load.memory == pytest.approx(psutil.Process(os.getpid()).memory_info().rss, rel=0.2)
    monitor.deleteLater()


def test_the_gpu_load_is_none_or_a_percentage():
    reading = gpu_load_reader()()
    assert reading is None or 0 <= reading <= 100
