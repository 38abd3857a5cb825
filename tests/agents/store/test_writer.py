"""Write access to a run can be revoked from a hung thread, which then can't write it any more."""

import threading

import pytest

from agents.config import RunConfig
from agents.errors import BadInput
from agents.events import EpisodeFinished
from agents.store.run import Run
from agents.store.writer import Abandoned
from envs.curriculum import Stage

CONFIG = RunConfig(stages=(Stage(task="household/go-to", steps=256),))


def episodes(first, last):
    return [
        EpisodeFinished(step=step, index=0, task_id=0, reward=1.0, score=0.5, length=3) for step in range(first, last)
    ]


@pytest.fixture
def run(runs):
    return runs.create(CONFIG)


@pytest.fixture
def recording(run):
    """A recording that has yielded three of six events."""
    events = run.record(iter(episodes(0, 6)))
    for _ in range(3):
        next(events)
    yield events
    events.close()


def test_events_until_then_are_written_and_none_after(run, recording):
    run.abandon()
    assert list(Run(run.folder).replay()) == episodes(0, 3)
    with pytest.raises(Abandoned, match="handed to another thread"):
        next(recording)
    assert list(Run(run.folder).replay()) == episodes(0, 3)


def test_another_thread_can_write_it_at_once(run, recording):
    assert run.is_busy
    run.abandon()
    assert not run.is_busy
    list(Run(run.folder).record(iter(episodes(3, 5))))
    with pytest.raises(Abandoned):
        next(recording)
    assert list(Run(run.folder).replay()) == episodes(0, 5)


@pytest.mark.parametrize(
    "write",
    [
        lambda run: run.keep(8, {}, {}),
        lambda run: run.save(8, {}, {"occasion": "interval"}),
        lambda run: run.settle(),
        lambda run: list(run.record(iter(episodes(3, 4)))),
    ],
    ids=["keep", "save", "settle", "record"],
)
def test_every_way_to_write_is_refused(run, recording, write):
    run.abandon()
    before = sorted(run.folder.rglob("*"))
    with pytest.raises(Abandoned):
        write(run)
    assert sorted(run.folder.rglob("*")) == before
    assert not run.is_busy


def test_a_thread_in_the_middle_of_a_write_keeps_access(run, recording, monkeypatch):
    monkeypatch.setattr("agents.store.writer.PATIENCE", 0.05)
    writing, written = threading.Event(), threading.Event()

    def write():
        with run._writer:
            writing.set()
            written.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    writing.wait(10)
    with pytest.raises(BadInput, match="hangs during a write"):
        run.abandon()
    written.set()
    thread.join()
    assert next(recording) == episodes(3, 4)[0]
