import os

import psutil
import pytest

from app.diagnostics.machine_load import LoadMonitor, graphics_meter


def test_the_load_is_read_by_itself(qtbot):
    monitor = LoadMonitor()
    with qtbot.waitSignal(monitor.measured, timeout=5_000) as measured:
        pass
    load = measured.args[0]
    assert 0 <= load.processor <= 100
    assert load.memory == pytest.approx(psutil.Process(os.getpid()).memory_info().rss, rel=0.2)
    monitor.deleteLater()


def test_a_machine_without_a_gpu_has_no_reading_and_one_with_a_share():
    reading = graphics_meter()()
    assert reading is None or 0 <= reading <= 100
