"""What every test relies on: no screen, no trace in the person's own folders, and nothing left behind."""

import gc
import os
import sys
import threading
from collections import deque

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("patient", deadline=None)  # a busy machine is no fault of a property
settings.load_profile("patient")
PATIENCE = 2.0
"""Seconds that a thread which is ending may still take."""
TINY_AGENT = """
[learning]
n_envs = 4
n_steps = 8

[evaluation]
n_eval_episodes = 2
eval_freq = 0

[model]
layers = 1
width = 16
heads = 2
"""


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Keep settings, runs and logs of a test in its own folder."""
    monkeypatch.setenv("PALIMPSEST_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("PALIMPSEST_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def runs():
    """The runs of the test's own folder."""
    from agents.store.run_store import RunStore  # brings what tests of worlds and widgets do without

    return RunStore()


@pytest.fixture(scope="session")
def teacher(tmp_path_factory):
    """A short run that is only looked at, beside itself and its agent as files: (run, folder)."""
    from agents.benchmarks.robustness.fuzz import CONFIG
    from agents.sharing import agent_file, run_file  # bring what tests of worlds and widgets do without
    from agents.store.run_store import RunStore
    from agents.training.prepared_run import start

    folder = tmp_path_factory.mktemp("teacher")
    begun = start(RunStore(folder / "runs"), CONFIG, name="teacher")
    deque(begun.events, maxlen=0)
    agent_file.export(begun.run, folder / "agent.palimpsest")
    run_file.export(begun.run, folder / "whole.palimpsest")
    return begun.run, folder


@pytest.fixture
def written(tmp_path):
    """Writes a curriculum file that a tiny agent lives in a moment, and returns its path."""

    def write(*stages, head="", file="tiny.toml"):
        path = tmp_path / file
        parts = [head, TINY_AGENT, *(f'[[stages]]\ntask = "{task}"\nsteps = {steps}' for task, steps in stages)]
        path.write_text("\n".join(parts) + "\n")
        return str(path)

    return write


@pytest.fixture(autouse=True)
def leaves_nothing_behind(request):
    """Fail a test after which a thread, a timer or a window is still alive."""
    before = set(threading.enumerate())
    uses_qt = "qtbot" in request.fixturenames
    if uses_qt:
        gc.freeze()  # only what this test makes is looked through: half a million objects would take a second
    yield
    for thread in set(threading.enumerate()) - before:
        if isinstance(thread, threading._DummyThread):
            continue  # Python's note that a thread of Qt logged something; Qt's own are looked for below
        thread.join(PATIENCE)
        assert not thread.is_alive(), f"the test left {thread} running"
    if uses_qt:
        assert list(qt_leftovers()) == []


def qt_leftovers():
    core, widgets = sys.modules["PySide6.QtCore"], sys.modules["PySide6.QtWidgets"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    yield from (window for window in widgets.QApplication.topLevelWidgets() if window.isVisible())
    gc.collect()
    for thing in gc.get_objects():
        kind = type(thing)  # not isinstance: some of Torch's objects warn when they are asked
        if issubclass(kind, core.QThread | core.QTimer) and is_valid(thing) and is_going_on(thing):
            yield thing


def is_going_on(thing):
    return thing.isRunning() if hasattr(thing, "isRunning") else thing.isActive()


def is_valid(thing):
    return sys.modules["shiboken6"].isValid(thing)
