import gc
import weakref

import pytest

from agents.store.run_store import RunStore
from app.process.gc_scheduler import OFTEN, GCScheduler
from app.session.session import Session


class Ring:
    """Garbage as Python's counting of references can't find it."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def session(qtbot, tmp_path):
    made = Session(tmp_path / "runs")
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def garbage(session):
    made = GCScheduler(session)
    yield made
    made.end()


def rings():
    return sum(type(thing) is Ring for thing in gc.get_objects())


def test_nothing_is_searched_until_the_lab_is_ready(session, garbage):
    assert not gc.isenabled()
    session.watching.viewer.ready.emit()
    assert gc.isenabled()
    assert gc.get_threshold() == OFTEN


def test_what_has_survived_one_search_is_left_out_of_the_next(session, garbage):
    session.watching.viewer.ready.emit()
    kept = Ring()
    assert rings() == 1
    gc.collect()
    assert rings() == 0
    assert kept.itself is kept


def test_a_story_that_was_read_is_not_searched(qtbot, session, garbage, scripted, config):
    session.watching.viewer.ready.emit()
    run = RunStore(session.run_library.root).create(config, "long")
    list(run.record(scripted(steps=50).events))
    session.open_run(run.folder)
    qtbot.waitUntil(lambda: session.state == "stored", timeout=10_000)
    qtbot.waitUntil(lambda: all(thing is not session.story for thing in gc.get_objects()), timeout=10_000)
    qtbot.waitUntil(lambda: not garbage._rest.isActive(), timeout=10_000)
    assert all(thing is not session.story for thing in gc.get_objects())
    story = weakref.ref(session.story)
    session.reset()
    qtbot.waitUntil(lambda: story() is None, timeout=10_000)


def test_everything_is_searched_once_no_run_is_going_on(qtbot, session, garbage):
    session.watching.viewer.ready.emit()
    kept = [Ring()]
    gc.collect()
    kept.clear()
    session.state_changed.emit("running")
    session.state_changed.emit("stored")
    before = gc.get_freeze_count()
    qtbot.waitUntil(lambda: not garbage._rest.isActive(), timeout=10_000)
    assert gc.get_freeze_count() != before
    garbage.end()
    assert rings() == 0


def test_at_the_end_python_searches_as_before(session):
    usual = gc.get_threshold(), list(gc.callbacks)
    garbage = GCScheduler(session)
    session.watching.viewer.ready.emit()
    garbage.end()
    assert (gc.get_threshold(), list(gc.callbacks)) == usual
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
