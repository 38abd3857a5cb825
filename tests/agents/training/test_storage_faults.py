"""A full disk pauses the run: no event is lost or written twice, and it continues when there is room again."""

import sqlite3
from contextlib import nullcontext

import pytest

from agents import codec
from agents.commands import Pause, Resume, Stop
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import CheckpointConfig, EvaluationConfig, LearningConfig
from agents.errors import BadInput
from agents.events import TRANSIENT, CommandApplied, EpisodeFinished, Fault, RunFinished, StorageFault, Updated
from agents.store.event_log import LogReader, LogWriter
from agents.store.run_store import RunStore
from agents.training import prepared_run
from agents.training.trainer import Trainer
from envs.curriculum import Stage

CONFIG = RunConfig(
    stages=(Stage(id="a", task="household/go-to", steps=256),),
    model=ModelConfig(layers=1, width=16, heads=2),
    learning=LearningConfig(n_envs=4, n_steps=8),
    evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=0),
    checkpoint=CheckpointConfig(save_steps=64, max_time_share=1),
)


def failing_database(count):
    """Return a class of connections whose `count`-th call from now on fails."""

    class Failing(sqlite3.Connection):
        left = 0

        def execute(self, *arguments):
            self._spend()
            return super().execute(*arguments)

        def executemany(self, *arguments):
            self._spend()
            return super().executemany(*arguments)

        def _spend(self):
            Failing.left -= 1
            if Failing.left == 0:
                raise sqlite3.OperationalError("database or disk is full")

    Failing.arm = classmethod(lambda kind: setattr(kind, "left", count))
    return Failing


def run_between(first, last):
    events = []
    for step in range(first, last):
        events.append(EpisodeFinished(step=step, index=0, task_id=0, reward=1.0, score=0.5, length=3))
        events.append(Updated(step=step, index=0, terms={"loss": 0.5}, rate=1.0))
    return events


@pytest.mark.parametrize("batch", ["settle", "flush"])
def test_after_any_failed_call_the_log_holds_the_old_batches_or_all_and_later_all(tmp_path, batch):
    failed = 0
    for count in range(1, 20):
        path = tmp_path / f"{batch} {count}.sqlite"
        log = LogWriter(path, failing_database(count))
        for event in run_between(0, 3):
            log.append(event)
        log.flush()
        for event in run_between(3, 6):
            log.append(event)
        log._database.arm()
        try:
            getattr(log, batch)()
        except OSError:
            failed += 1
        type(log._database).left = 0
        assert bool(log.write_error) == (failed == count)
        assert list(LogReader(path).replay()) in (run_between(0, 3), run_between(0, 6))
        for event in run_between(6, 8):
            log.append(event)
        log.settle()
        assert log.write_error == ""
        log.close()
        assert list(LogReader(path).replay()) == run_between(0, 8)
    assert failed >= 4


def test_a_full_database_keeps_its_events_and_takes_the_rest_later(tmp_path):
    path = tmp_path / "events.sqlite"
    log = LogWriter(path)
    for event in run_between(0, 100):
        log.append(event)
    log.settle()
    pages = log._database.execute("PRAGMA page_count").fetchone()[0]
    log._database.execute(f"PRAGMA max_page_count = {pages + 1}")
    for event in run_between(100, 3_000):
        log.append(event)
    assert log.write_error
    assert list(LogReader(path).replay()) == run_between(0, 100)
    log._database.execute("PRAGMA max_page_count = 100000")
    log.settle()
    log.close()
    assert list(LogReader(path).replay()) == run_between(0, 3_000)


@pytest.fixture
def run(tmp_path):
    return RunStore(tmp_path / "runs").create(CONFIG)


class FullDisk:
    """Makes one kind of write fail while `is_full`."""

    def __init__(self, monkeypatch, run, part):
        self.is_full = False
        kind, name = {
            "events": (LogWriter, "flush"),
            "weights": (type(run), "keep"),
            "checkpoint": (type(run._saves), "write"),
        }[part]
        original = getattr(kind, name)

        def write(*arguments):
            if self.is_full:
                if kind is LogWriter:
                    arguments[0].write_error = "disk is full"
                raise OSError(28, "disk is full")
            return original(*arguments)

        monkeypatch.setattr(kind, name, write)


def train(run, disk, since=100, attempts=2):
    """Fill the disk at step `since`; make room only after the run has paused `attempts` times."""
    trainer, events, pauses = Trainer(run.config), [], 0
    trainer.store_in(run)
    for event in run.record(trainer.run()):
        events.append(event)
        disk.is_full = disk.is_full or (event.step >= since and pauses == 0)
        if isinstance(event, CommandApplied) and isinstance(event.command, Pause):
            pauses += 1
            disk.is_full = pauses < attempts
            trainer.commands.put(Resume())
    return [event for event in events if not isinstance(event, TRANSIENT)]


def encoded(events):
    return [codec.dumps(codec.to_json(event)) for event in events]


def losses(events):
    return [(event.step, dict(event.terms)) for event in events if isinstance(event, Updated)]


@pytest.mark.parametrize("part", ["events", "weights", "checkpoint"])
def test_a_full_disk_pauses_the_run_until_there_is_room_and_nothing_is_lost(run, monkeypatch, part):
    events = train(run, FullDisk(monkeypatch, run, part))
    faults = [event for event in events if isinstance(event, StorageFault)]
    assert len(faults) == 2
    assert all("disk is full" in fault.message.format(**fault.arguments) for fault in faults)
    assert encoded(run.replay()) == encoded(events)
    assert isinstance(events[-1], RunFinished)
    assert run.checkpoint_at()[2] == 256
    assert losses(events) == losses(Trainer(CONFIG).run())


@pytest.mark.parametrize("part", ["events", "weights", "checkpoint"])
def test_a_run_that_waits_for_disk_space_can_be_stopped_and_resumed_from_its_last_checkpoint(run, monkeypatch, part):
    disk, trainer = FullDisk(monkeypatch, run, part), Trainer(run.config)
    trainer.store_in(run)
    recording = run.record(trainer.run())
    lost = pytest.raises(BadInput, match="make room on the disk") if part == "events" else nullcontext()
    with lost:
        for event in recording:
            disk.is_full = event.step >= 100
            if isinstance(event, StorageFault):
                trainer.commands.put(Stop())
    disk.is_full = False
    reached = run.saved().point.step
    assert reached == (128 if part == "weights" else 64)
    on = prepared_run.resume(run)
    assert losses(list(on.events)) == [row for row in losses(Trainer(CONFIG).run()) if row[0] > reached]


def test_without_storage_a_failed_checkpoint_is_reported_and_the_run_continues():
    def full(step, arrays, plain):
        raise OSError(28, "No space left on device")

    events = list(Trainer(CONFIG, save=full).run())
    assert isinstance(events[-1], RunFinished)
    assert [event for event in events if isinstance(event, Fault)]
