import time

import pytest

from agents.commands import Pause, Stop
from agents.events import EpisodeFinished, Progress, RunFinished, RunStarted
from agents.store.run import Run
from app.runs.preparation import started
from app.runs.trainer_thread import TrainerThread


@pytest.fixture
def thread_of(qtbot):
    started = []

    def start(prepare):
        thread = TrainerThread(prepare)
        thread.batches = []
        thread.events_received.connect(thread.batches.append)
        started.append(thread)
        return thread

    yield start
    for thread in started:
        thread.stop()
        thread.deleteLater()


def events(thread):
    return [event for batch in thread.batches for event in batch]


def run_to_end(qtbot, thread):
    with qtbot.waitSignal(thread.ended, timeout=10_000):
        thread.start()


def test_all_events_arrive_in_order_in_few_signals(qtbot, thread_of, scripted):
    thread = thread_of(lambda: scripted(steps=500))
    run_to_end(qtbot, thread)
    received = events(thread)
    assert [event.step for event in received if isinstance(event, EpisodeFinished)] == list(range(1, 501))
    assert isinstance(received[0], RunStarted)
    assert isinstance(received[-1], RunFinished)
    assert len(thread.batches) < 100


def test_transient_events_are_not_delivered(qtbot, thread_of, scripted):
    thread = thread_of(lambda: scripted(steps=20))
    run_to_end(qtbot, thread)
    assert not [event for event in events(thread) if isinstance(event, Progress)]


def test_commands_put_before_the_run_is_ready_come_first_and_in_order(qtbot, thread_of, scripted):
    def slowly():
        time.sleep(0.1)
        return scripted(steps=50)

    thread = thread_of(slowly)
    commands = [Pause(), Stop()]
    for command in commands:
        thread.put(command)
    run_to_end(qtbot, thread)
    assert scripted.created[0].obeyed == commands


def test_stop_ends_the_run_regularly(qtbot, thread_of, scripted):
    thread = thread_of(lambda: scripted(steps=10**6))
    with qtbot.waitSignal(thread.events_received, timeout=5_000):
        thread.start()
    thread.stop()
    assert thread.isFinished()
    assert scripted.created[0].closed
    qtbot.waitUntil(lambda: any(isinstance(event, RunFinished) for event in events(thread)))


def test_stop_while_the_run_is_being_prepared_returns_soon(qtbot, thread_of, scripted):
    def slowly():
        time.sleep(0.2)
        return scripted(steps=10**6)

    thread = thread_of(slowly)
    thread.start()
    started_at = time.monotonic()
    thread.stop()
    assert time.monotonic() - started_at < 3


@pytest.mark.parametrize("error", [ValueError("boom"), ZeroDivisionError("oh")])
def test_an_error_in_the_run_is_delivered_after_its_events(qtbot, thread_of, scripted, error):
    thread = thread_of(lambda: scripted(steps=5, error=error))
    errors = []
    thread.failed.connect(errors.append)
    run_to_end(qtbot, thread)
    assert errors == [error]
    assert len([event for event in events(thread) if isinstance(event, EpisodeFinished)]) == 5
    assert scripted.created[0].closed


def test_an_error_in_preparing_is_delivered(qtbot, thread_of):
    def refuse():
        raise ValueError("the curriculum has no stages; add one")

    thread = thread_of(refuse)
    with qtbot.waitSignal(thread.failed, timeout=5_000) as failed:
        thread.start()
    assert "no stages" in str(failed.args[0])


def test_a_real_run_is_recorded_while_its_events_are_delivered(qtbot, thread_of, tmp_path, tiny):
    thread = thread_of(lambda: started(tiny, tmp_path))
    with qtbot.waitSignal(thread.ended, timeout=60_000):
        thread.start()
    outline = [(type(event), event.step, event.seconds) for event in events(thread)]
    assert [(type(event), event.step, event.seconds) for event in Run(thread.folder).replay()] == outline
    assert Run(thread.folder).checkpoints()


def test_each_phase_is_emitted_once(qtbot, thread_of, scripted):
    thread, phases = thread_of(lambda: scripted(steps=100)), []
    thread.phase_changed.connect(phases.append)
    run_to_end(qtbot, thread)
    assert phases == ["acting"]
