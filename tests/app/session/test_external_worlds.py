"""External worlds in the window: one that exits or hangs, at its creation or later, is reported and abandoned."""

import sys
import threading
import time

import gymnasium as gym
import pytest
from gymnasium import spaces
from PySide6.QtWidgets import QWidget

from agents.config import RunConfig
from agents.store.run import Run
from agents.store.run_store import RunStore
from app.session.session import Session
from app.window.resume_offers import ResumeOffers
from app.window.settings import Settings
from envs.gym_worlds.play import random_play
from envs.task import Task
from widgets.shell.notice_bar import NoticeBar

TIMEOUT = 60_000
STOP_LIMIT = 2.0
"""Seconds in which Stop must take effect."""


class Counting(gym.Env):
    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium declares it a plain dict
    freed = threading.Event()
    taken = 0
    last = 10**9

    def __init__(self):
        self.observation_space, self.action_space = spaces.Discrete(5), spaces.Discrete(2)
        self.time = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return 0, {}

    def step(self, action):
        kind = type(self)
        kind.taken += 1
        if kind.taken >= kind.last:
            self.fail()
        self.time += 1
        return self.time % 5, float(action), self.time >= 8, False, {}

    def fail(self):
        pass


def hang():
    Counting.freed.wait(60)


class HangsAtInit(Counting):
    def __init__(self):
        hang()
        super().__init__()


class HangsAtReset(Counting):
    def reset(self, *, seed=None, options=None):
        hang()
        return super().reset(seed=seed)


class HangsLater(Counting):
    def fail(self):
        hang()


class ExitsAtInit(Counting):
    def __init__(self):
        sys.exit("closed")


class ExitsLater(Counting):
    def fail(self):
        sys.exit("closed")


WORLDS = (Counting, HangsAtInit, HangsAtReset, HangsLater, ExitsAtInit, ExitsLater)
IN_MAKING = (HangsAtInit, HangsAtReset)


@pytest.fixture(autouse=True)
def worlds():
    Counting.freed.clear()
    random_play.cache_clear()
    for world in WORLDS:
        gym.register(f"{world.__name__}-v0", entry_point=world)
        world.taken, world.last = 0, 3_040 if world.__name__.endswith("Later") else 10**9
    yield
    Counting.freed.set()
    for world in WORLDS:
        del gym.registry[f"{world.__name__}-v0"]


@pytest.fixture
def session(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("agents.runtime.stall.PATIENCE", 1.0)
    instance = Session(tmp_path / "runs")
    instance.notices = []
    instance.noticed.connect(lambda notice: instance.notices.append(notice.text))
    yield instance
    Counting.freed.set()
    instance.close()
    qtbot.waitUntil(lambda: not instance.live_run._hung, timeout=TIMEOUT)
    instance.deleteLater()


@pytest.fixture
def bar(qtbot, session, tmp_path):
    host = QWidget()
    qtbot.addWidget(host)
    host.show()
    instance = NoticeBar(host)
    ResumeOffers(session, Settings(tmp_path / "config"), instance)
    return instance


def start(session, *tasks):
    stages = [{"task": task if "/" in task else f"gym:{task}-v0", "steps": 64} for task in tasks]
    session.load(
        RunConfig.model_validate(
            {
                "stages": stages,
                "learning": {"n_envs": 4, "n_steps": 8},
                "algorithm": {"name": "ppo", "n_epochs": 1, "batch_size": 32},
                "evaluation": {"n_eval_episodes": 2, "eval_freq": 0},
            }
        )
    )
    session.start()


def stop(qtbot, session):
    requested_at = time.monotonic()
    session.stop()
    qtbot.waitUntil(lambda: not session.is_live, timeout=TIMEOUT)
    assert time.monotonic() - requested_at < STOP_LIMIT + 1, "a busy machine may take a little longer"


def ended(session):
    return session.state == "stored" and not session.live_run.is_active


@pytest.mark.parametrize("world", [*IN_MAKING, HangsLater])
def test_a_hang_is_reported_with_its_world_and_stop_abandons_it(qtbot, session, bar, world):
    start(session, world.__name__, "household/go-to")
    qtbot.waitUntil(lambda: f"{world.__name__}-v0" in bar.text.text(), timeout=TIMEOUT)
    assert "may hang" in bar.text.text()
    stop(qtbot, session)
    assert world.__name__ in session.notices[-1]
    assert session.state == ("idle" if world in IN_MAKING else "stored")


@pytest.mark.parametrize("world", [*IN_MAKING, HangsLater])
def test_stop_abandons_a_hang_before_it_is_reported(qtbot, session, world, monkeypatch):
    monkeypatch.setattr("agents.runtime.stall.PATIENCE", 30.0)
    start(session, world.__name__)
    qtbot.waitUntil(lambda: session.live_run.hung_world == f"{world.__name__}-v0", timeout=TIMEOUT)
    qtbot.waitUntil(lambda: world is not HangsLater or world.taken >= world.last, timeout=TIMEOUT)
    stop(qtbot, session)
    start(session, "household/go-to")
    qtbot.waitUntil(lambda: ended(session), timeout=TIMEOUT)
    assert session.story.step == 64


@pytest.mark.parametrize("world", [*IN_MAKING, HangsLater])
@pytest.mark.parametrize("index", [0, 1])
def test_the_run_can_continue_without_the_world(qtbot, session, bar, world, index):
    tasks = ["household/go-to", "mirror/go-to"]
    tasks.insert(index, world.__name__)
    start(session, *tasks)
    qtbot.waitUntil(lambda: "may hang" in bar.text.text(), timeout=TIMEOUT)
    next(button for button in bar._choices if button.text() == "Go on without it").click()
    qtbot.waitUntil(lambda: ended(session), timeout=TIMEOUT)
    reasons = {clip.stage.task: clip.reason for clip in session.story.clips}
    assert reasons["household/go-to"] == reasons["mirror/go-to"] == "budget"
    assert reasons[f"gym:{world.__name__}-v0"] == "fault"
    assert session.is_done


def test_a_run_abandoned_at_its_creation_is_not_stored_when_the_world_returns(qtbot, session):
    start(session, "HangsAtInit")
    qtbot.waitUntil(lambda: session.live_run.hung_world == "HangsAtInit-v0", timeout=TIMEOUT)
    stop(qtbot, session)
    Counting.freed.set()
    qtbot.waitUntil(lambda: not session.live_run._hung, timeout=TIMEOUT)
    assert not list(RunStore(session.run_library.root))


@pytest.mark.parametrize(("world", "state"), [(ExitsAtInit, "idle"), (ExitsLater, "stored")])
def test_an_exit_is_reported_and_ends_the_preparation(qtbot, session, world, state):
    start(session, world.__name__)
    qtbot.waitUntil(lambda: not session.is_live and not session.live_run.is_active, timeout=TIMEOUT)
    assert session.state == state
    assert any(f"{world.__name__}-v0: " in notice and "SystemExit: closed" in notice for notice in session.notices)


def test_an_exit_of_the_watched_world_is_reported(qtbot, session):
    session.watching.start()
    ExitsLater.last = 3_010
    start(session, "Counting")
    session.watching.choose(Task(key="gym:ExitsLater-v0"))
    session.watching.set_speed(30)
    qtbot.waitUntil(lambda: any("ExitsLater-v0: " in notice for notice in session.notices), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: ended(session), timeout=TIMEOUT)
    assert Run(session.folder).state == "done"


def test_a_watched_world_that_hangs_is_reported_and_another_one_can_be_watched(qtbot, session):
    frames = []
    session.watching.framed.connect(frames.append)
    session.watching.start()
    session.watching.set_speed(30)
    session.watching.choose(Task(key="gym:HangsAtReset-v0"))
    qtbot.waitUntil(lambda: any("HangsAtReset-v0: reset" in notice for notice in session.notices), timeout=TIMEOUT)
    session.watching.choose(Task(key="gym:Counting-v0"))
    qtbot.waitUntil(lambda: len(frames) > 3, timeout=TIMEOUT)
    assert {frame.task.key for frame in frames} == {"gym:Counting-v0"}
    Counting.freed.set()
    qtbot.waitUntil(lambda: not any(viewer.isRunning() for viewer in session.watching._hung), timeout=TIMEOUT)
