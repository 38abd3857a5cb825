"""Other people's worlds in the window: one that exits or hangs, while it is made or lived in, is told and left."""

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

LONG = 60_000
STOPPED = 2.0
"""Seconds in which Stop is to be answered."""


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
            self.break_off()
        self.time += 1
        return self.time % 5, float(action), self.time >= 8, False, {}

    def break_off(self):
        pass


def hang():
    Counting.freed.wait(60)


class HangsAtBirth(Counting):
    def __init__(self):
        hang()
        super().__init__()


class HangsAtReset(Counting):
    def reset(self, *, seed=None, options=None):
        hang()
        return super().reset(seed=seed)


class HangsLater(Counting):
    def break_off(self):
        hang()


class ExitsAtBirth(Counting):
    def __init__(self):
        sys.exit("closed")


class ExitsLater(Counting):
    def break_off(self):
        sys.exit("closed")


WORLDS = (Counting, HangsAtBirth, HangsAtReset, HangsLater, ExitsAtBirth, ExitsLater)
IN_MAKING = (HangsAtBirth, HangsAtReset)


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
    made = Session(tmp_path / "runs")
    made.notices = []
    made.noticed.connect(lambda notice: made.notices.append(notice.text))
    yield made
    Counting.freed.set()
    made.close()
    qtbot.waitUntil(lambda: not made.live_run._hung, timeout=LONG)
    made.deleteLater()


@pytest.fixture
def bar(qtbot, session, tmp_path):
    host = QWidget()
    qtbot.addWidget(host)
    host.show()
    made = NoticeBar(host)
    ResumeOffers(session, Settings(tmp_path / "config"), made)
    return made


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
    asked = time.monotonic()
    session.stop()
    qtbot.waitUntil(lambda: not session.is_live, timeout=LONG)
    assert time.monotonic() - asked < STOPPED + 1, "a busy machine may take a little longer"


def ended(session):
    return session.state == "stored" and not session.live_run.is_on


@pytest.mark.parametrize("world", [*IN_MAKING, HangsLater])
def test_a_hang_is_told_with_its_world_and_stop_leaves_it(qtbot, session, bar, world):
    start(session, world.__name__, "household/go-to")
    qtbot.waitUntil(lambda: f"{world.__name__}-v0" in bar.text.text(), timeout=LONG)
    assert "may hang" in bar.text.text()
    stop(qtbot, session)
    assert world.__name__ in session.notices[-1]
    assert session.state == ("idle" if world in IN_MAKING else "stored")


@pytest.mark.parametrize("world", [*IN_MAKING, HangsLater])
def test_stop_leaves_a_hang_before_it_is_told(qtbot, session, world, monkeypatch):
    monkeypatch.setattr("agents.runtime.stall.PATIENCE", 30.0)
    start(session, world.__name__)
    qtbot.waitUntil(lambda: session.live_run.hung_world == f"{world.__name__}-v0", timeout=LONG)
    qtbot.waitUntil(lambda: world is not HangsLater or world.taken >= world.last, timeout=LONG)
    stop(qtbot, session)
    start(session, "household/go-to")
    qtbot.waitUntil(lambda: ended(session), timeout=LONG)
    assert session.story.step == 64


@pytest.mark.parametrize("world", [*IN_MAKING, HangsLater])
@pytest.mark.parametrize("place", [0, 1])
def test_the_other_stages_are_lived_without_it_when_asked(qtbot, session, bar, world, place):
    tasks = ["household/go-to", "mirror/go-to"]
    tasks.insert(place, world.__name__)
    start(session, *tasks)
    qtbot.waitUntil(lambda: "may hang" in bar.text.text(), timeout=LONG)
    next(button for button in bar._choices if button.text() == "Go on without it").click()
    qtbot.waitUntil(lambda: ended(session), timeout=LONG)
    lived = {clip.stage.task: clip.reason for clip in session.story.clips}
    assert lived["household/go-to"] == lived["mirror/go-to"] == "budget"
    assert lived[f"gym:{world.__name__}-v0"] == "fault"
    assert session.is_done


def test_a_run_that_was_left_while_it_was_made_leaves_nothing_when_the_world_comes_back(qtbot, session):
    start(session, "HangsAtBirth")
    qtbot.waitUntil(lambda: session.live_run.hung_world == "HangsAtBirth-v0", timeout=LONG)
    stop(qtbot, session)
    Counting.freed.set()
    qtbot.waitUntil(lambda: not session.live_run._hung, timeout=LONG)
    assert not list(RunStore(session.run_library.root))


@pytest.mark.parametrize(("world", "state"), [(ExitsAtBirth, "idle"), (ExitsLater, "stored")])
def test_an_exit_is_told_and_the_window_never_stays_at_getting_ready(qtbot, session, world, state):
    start(session, world.__name__)
    qtbot.waitUntil(lambda: not session.is_live and not session.live_run.is_on, timeout=LONG)
    assert session.state == state
    assert any(f"{world.__name__}-v0: " in notice and "SystemExit: closed" in notice for notice in session.notices)


def test_an_exit_of_the_watched_world_is_told(qtbot, session):
    session.watching.start()
    ExitsLater.last = 3_010
    start(session, "Counting")
    session.watching.choose(Task(key="gym:ExitsLater-v0"))
    session.watching.pace(30)
    qtbot.waitUntil(lambda: any("ExitsLater-v0: " in notice for notice in session.notices), timeout=LONG)
    qtbot.waitUntil(lambda: ended(session), timeout=LONG)
    assert Run(session.folder).state == "done"


def test_a_watched_world_that_hangs_is_told_and_another_one_can_be_watched(qtbot, session):
    frames = []
    session.watching.framed.connect(frames.append)
    session.watching.start()
    session.watching.pace(30)
    session.watching.choose(Task(key="gym:HangsAtReset-v0"))
    qtbot.waitUntil(lambda: any("HangsAtReset-v0: reset" in notice for notice in session.notices), timeout=LONG)
    session.watching.choose(Task(key="gym:Counting-v0"))
    qtbot.waitUntil(lambda: len(frames) > 3, timeout=LONG)
    assert {frame.task.key for frame in frames} == {"gym:Counting-v0"}
    Counting.freed.set()
    qtbot.waitUntil(lambda: not any(viewer.isRunning() for viewer in session.watching._hung), timeout=LONG)
