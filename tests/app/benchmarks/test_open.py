import json
import os
import subprocess
import sys


def test_a_run_is_opened_and_seeked_in_the_real_window():
    command = [sys.executable, "-m", "app", "bench", "open", "--events", "4000", "--seeks", "3", "--json"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    # exit code 1: reading 4,000 events is too fast for the goal of the control
    assert done.returncode in (0, 1), done.stderr
    figures = {figure["name"]: figure["value"] for figure in json.loads(done.stdout)["figures"]}
    assert figures.keys() == {
        "reading",
        "opening",
        "seeking: median",
        "seeking: worst",
        "opening: processor time",
        "seeking: processor time",
        "control: an object an event",
    }
    assert 0 < figures["seeking: median"] <= figures["seeking: worst"]
    assert figures["opening"] > 0
