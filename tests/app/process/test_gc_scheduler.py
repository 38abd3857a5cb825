import gc
import weakref

import pytest

from agents.store.run_store import RunStore
from app.process.gc_scheduler import THRESHOLDS, GCScheduler
from app.session.session import Session


class Cycle:
    """A reference cycle, which only the garbage collector frees."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def session(qtbot, tmp_path):
    instance = Session(tmp_path / "runs")
    yield instance
    instance.close()
    instance.deleteLater()


@pytest.fixture
def scheduler(session):
    instance = GCScheduler(session)
    yield instance
    instance.end()


def count_tracked_cycles():
    return sum(type(instance) is Cycle for instance in gc.get_objects())


def test_collection_is_disabled_until_the_viewer_is_ready(session, scheduler):
    assert not gc.isenabled()
    session.watching.viewer.ready.emit()
    assert gc.isenabled()
    assert gc.get_threshold() == THRESHOLDS


def test_survivors_of_one_collection_are_frozen(session, scheduler):
    session.watching.viewer.ready.emit()
    survivor = Cycle()
    assert count_tracked_cycles() == 1
    gc.collect()
    assert count_tracked_cycles() == 0
    assert survivor.itself is survivor


def test_a_story_read_from_disk_is_frozen(qtbot, session, scheduler, scripted, config):
    session.watching.viewer.ready.emit()
    run = RunStore(session.run_library.root).create(config, "long")
    list(run.record(scripted(steps=50).events))
    session.open_run(run.folder)
    qtbot.waitUntil(lambda: session.state == "stored", timeout=10_000)
    qtbot.waitUntil(lambda: all(instance is not session.story for instance in gc.get_objects()), timeout=10_000)
    qtbot.waitUntil(lambda: not scheduler._idle_timer.isActive(), timeout=10_000)
    assert all(instance is not session.story for instance in gc.get_objects())
    story = weakref.ref(session.story)
    session.reset()
    qtbot.waitUntil(lambda: story() is None, timeout=10_000)


def test_everything_is_collected_once_no_run_is_active(qtbot, session, scheduler):
    session.watching.viewer.ready.emit()
    survivor = [Cycle()]
    gc.collect()
    survivor.clear()
    session.state_changed.emit("running")
    session.state_changed.emit("stored")
    before = gc.get_freeze_count()
    qtbot.waitUntil(lambda: not scheduler._idle_timer.isActive(), timeout=10_000)
    assert gc.get_freeze_count() != before
    scheduler.end()
    assert count_tracked_cycles() == 0


def test_the_end_restores_pythons_collector(session):
    original = gc.get_threshold(), list(gc.callbacks)
    scheduler = GCScheduler(session)
    session.watching.viewer.ready.emit()
    scheduler.end()
    assert (gc.get_threshold(), list(gc.callbacks)) == original
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
