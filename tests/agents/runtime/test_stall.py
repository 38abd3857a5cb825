"""A run that hangs is reported; one that waits for its consumer or in a pause is not."""

import threading
import time

import pytest

from agents.commands import Pause, Resume, Stop
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import CommandApplied, Progress, StageStarted
from agents.runtime.stall import Heartbeat, StallWatch
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.household.single_room import Household

CONFIG = RunConfig(
    stages=(Stage(task="household/go-to", steps=256),),
    model=ModelConfig(layers=1, width=16, heads=2),
    learning=LearningConfig(n_envs=4, n_steps=8),
    evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=0),
)
PATIENCE = 0.2


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    now = [100.0]
    monkeypatch.setattr("agents.runtime.stall.monotonic", lambda: now[0])
    return now


def test_a_heartbeat_times_the_running_step_only(clock):
    heartbeat = Heartbeat()
    assert heartbeat.stalled_for() == 0
    heartbeat.beat()
    clock[0] += 29
    assert (heartbeat.stalled_for(), heartbeat.stall()) == (29, None)
    heartbeat.task, heartbeat.phase = "Kitchen", "acting"
    clock[0] += 1
    stall = heartbeat.stall()
    assert (stall.seconds, stall.task, stall.phase) == (30, "Kitchen", "acting")
    heartbeat.beat()
    assert heartbeat.stalled_for() == 0
    heartbeat.pause()
    clock[0] += 1_000
    assert heartbeat.stalled_for() == 0


def test_an_environment_that_hangs_is_reported_once_with_its_task(monkeypatch):
    freed, stalls = threading.Event(), []
    step, calls = Household.step, []

    def hang(world, action):
        calls.append(action)
        if len(calls) == 1:
            freed.wait(60)
        return step(world, action)

    trainer = Trainer(CONFIG)
    events = trainer.run()
    for event in events:
        if isinstance(event, StageStarted):
            break

    def report(stall):
        stalls.append(stall)
        threading.Timer(3 * PATIENCE, freed.set).start()

    monkeypatch.setattr(Household, "step", hang)
    with StallWatch(trainer.heartbeat, report, PATIENCE):
        for event in events:
            if isinstance(event, Progress):
                trainer.commands.put(Stop())
    assert [stall.task for stall in stalls[:1]] == [CONFIG.stages[0].configured_task.title]
    assert len([stall for stall in stalls if stall.phase != "learning"]) == 1


def test_a_paused_run_and_one_whose_consumer_waits_do_not_hang():
    trainer, stalls = Trainer(CONFIG), []
    events = trainer.run()
    with StallWatch(trainer.heartbeat, stalls.append, PATIENCE):
        for event in events:
            if isinstance(event, StageStarted):
                time.sleep(3 * PATIENCE)
                trainer.commands.put(Pause())
            if isinstance(event, CommandApplied) and isinstance(event.command, Pause):
                stalls.clear()  # a busy machine may have been slow before
                threading.Timer(3 * PATIENCE, trainer.commands.put, [Resume()]).start()
            if isinstance(event, CommandApplied) and isinstance(event.command, Resume):
                assert stalls == []
                trainer.commands.put(Stop())
