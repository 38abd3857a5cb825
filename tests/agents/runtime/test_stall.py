"""A run that hangs is told; one that waits for somebody else is not."""

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
    """Seconds that pass only when a test says so."""
    now = [100.0]
    monkeypatch.setattr("agents.runtime.stall.monotonic", lambda: now[0])
    return now


def test_a_heart_counts_the_running_step_only(clock):
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
    heartbeat.rest()
    clock[0] += 1_000
    assert heartbeat.stalled_for() == 0


def test_a_world_that_hangs_is_told_once_with_its_task(monkeypatch):
    freed, told = threading.Event(), []
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

    def tell(stall):
        told.append(stall)
        threading.Timer(3 * PATIENCE, freed.set).start()

    monkeypatch.setattr(Household, "step", hang)
    with StallWatch(trainer.heartbeat, tell, PATIENCE):
        for event in events:
            if isinstance(event, Progress):
                trainer.commands.put(Stop())
    assert [stall.task for stall in told[:1]] == [CONFIG.stages[0].configured_task.title]
    assert len([stall for stall in told if stall.phase != "learning"]) == 1


def test_a_paused_run_and_one_that_nobody_asks_for_more_do_not_hang():
    trainer, told = Trainer(CONFIG), []
    events = trainer.run()
    with StallWatch(trainer.heartbeat, told.append, PATIENCE):
        for event in events:
            if isinstance(event, StageStarted):
                time.sleep(3 * PATIENCE)
                trainer.commands.put(Pause())
            if isinstance(event, CommandApplied) and isinstance(event.command, Pause):
                told.clear()  # a busy machine may have been slow before
                threading.Timer(3 * PATIENCE, trainer.commands.put, [Resume()]).start()
            if isinstance(event, CommandApplied) and isinstance(event.command, Resume):
                assert told == []
                trainer.commands.put(Stop())
