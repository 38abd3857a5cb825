"""Worlds that the user names are tested in another process before they enter the bin."""

import sys
import textwrap

import gymnasium as gym
import pytest
from PySide6.QtCore import QProcess, Qt

from app.runs import world_trials
from app.runs.world_trials import WorldTrials

WORLDS = """
    import os, sys, time
    import gymnasium as gym
    import numpy as np

    class Base(gym.Env):
        observation_space, action_space = gym.spaces.Discrete(3), gym.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return 0, {}

        def step(self, action):
            return 1, 1.0, True, False, {}

    class Fit(Base):
        pass

    class Chatty(Base):
        def reset(self, *, seed=None, options=None):
            print('{"said": "by the world"}')
            return super().reset(seed=seed)

    class Pictures(Base):
        observation_space = gym.spaces.Box(0, 255, (96, 96, 3), np.uint8)

    class Raises(Base):
        def __init__(self):
            raise RuntimeError("no such arena")

    class Exits(Base):
        def __init__(self):
            sys.exit(3)

    class Dies(Base):
        def __init__(self):
            os._exit(9)

    class FourValues(Base):
        def step(self, action):
            return 1, 1.0, True, {}

    class Waits(Base):
        def __init__(self):
            time.sleep(600)
"""
OUTCOMES = {
    "Fit": "",
    "Chatty": "",
    "Pictures": "Trial/Pictures-v0",
    "Raises": "no such arena",
    "Exits": "Trial/Exits-v0",
    "Dies": "Trial/Dies-v0 ended the process in which it was tested",
    "FourValues": "Trial/FourValues-v0",
    "Waits": "Trial/Waits-v0 is not ready after",
}


@pytest.fixture
def worlds(tmp_path, monkeypatch):
    """Worlds of a module that another process can import, too."""
    (tmp_path / "worlds_to_try.py").write_text(textwrap.dedent(WORLDS))
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in OUTCOMES:
        gym.register(f"Trial/{name}-v0", entry_point=f"worlds_to_try:{name}")
    yield
    for name in OUTCOMES:
        del gym.registry[f"Trial/{name}-v0"]


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_world_passes_only_if_it_works_in_another_process(qtbot, worlds, monkeypatch, name):
    if name == "Waits":
        monkeypatch.setattr(world_trials, "TIME_LIMIT", 1_000)
    trials, results = WorldTrials(), []
    trials.passed.connect(lambda id_: results.append((id_, "")))
    trials.refused.connect(lambda *result: results.append(result))
    trials.begin(f"Trial/{name}-v0")
    qtbot.waitUntil(lambda: bool(results), timeout=30_000)
    ((id_, reason),) = results
    assert id_ == f"Trial/{name}-v0"
    assert bool(reason) == bool(OUTCOMES[name])
    assert OUTCOMES[name] in reason
    assert "\n" not in reason
    assert not trials.findChildren(QProcess) or trials._process is None
    assert "worlds_to_try" not in sys.modules  # this process has not imported it
    trials.deleteLater()


def test_worlds_defined_in_this_process_pass_untested(qtbot):
    class Local(gym.Env):
        pass

    gym.register("Local-v0", entry_point=Local)
    trials = WorldTrials()
    with qtbot.waitSignal(trials.passed):
        trials.begin("Local-v0")
    del gym.registry["Local-v0"]
    trials.deleteLater()


@pytest.mark.parametrize(("typed", "enters"), [("Blackjack-v1", True), ("Pendulum-v1", False)])
def test_a_typed_id_enters_the_bin_after_its_test(qtbot, window, typed, enters):
    bin_ = window.docks.panel("tasks")
    qtbot.keyClicks(bin_.new_id, typed)
    qtbot.keyClick(bin_.new_id, Qt.Key.Key_Return)
    assert bin_.ids == ()
    assert bin_.problem.text() == f"Trying out {typed}…"
    qtbot.waitUntil(lambda: not bin_._tried, timeout=30_000)
    assert bin_.ids == ((typed,) if enters else ())
    assert bin_.problem.isHidden() == enters
    assert enters or bin_.problem.text().startswith(f"{typed}: ")


def test_closing_ends_the_running_test(qtbot, worlds, window):
    window.trials.begin("Trial/Waits-v0")
    process = window.trials._process
    qtbot.waitUntil(lambda: process.state() == QProcess.ProcessState.Running)
    window.trials.close()
    assert window.trials._process is None
