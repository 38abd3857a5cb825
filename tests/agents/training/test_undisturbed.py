"""Watching, pausing, single steps, saving and replaying leave the results of training unchanged to the last bit."""

import threading

import pytest
import torch

from agents.commands import EvaluateNow, Pause, Resume, SingleStep, Stop
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import CheckpointConfig, EvaluationConfig, LearningConfig
from agents.config.strategies import ReplayConfig
from agents.events import CommandApplied, Progress, Updated
from agents.infer.watcher import Watcher
from agents.store.run_store import RunStore
from agents.story import Story
from agents.training import prepared_run
from agents.training.trainer import Trainer
from envs.curriculum import Stage

CONFIG = RunConfig(
    seed=11,
    stages=(Stage(id="a", task="household/go-to", steps=320), Stage(id="b", task="gym:CartPole-v1", steps=320)),
    strategy=ReplayConfig(batch_size=8),
    model=ModelConfig(layers=1, width=16, heads=2),
    learning=LearningConfig(n_envs=8, n_steps=8, burst_updates=2),
    evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=128),
    checkpoint=CheckpointConfig(save_steps=0, save_minutes=0),
)


def losses(events):
    return [(event.step, dict(event.terms)) for event in events if isinstance(event, Updated)]


def weights(trainer):
    return {name: weight.clone() for name, weight in trainer.state.agent.policy.state_dict().items()}


def equal(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.fixture(scope="module")
def plain():
    trainer = Trainer(CONFIG)
    updates = losses(trainer.run())
    assert len(updates) == 10
    return updates, weights(trainer)


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


def stored(store, config=CONFIG):
    run, trainer = store.create(config), Trainer(config)
    trainer.store_in(run)
    return run, trainer


def test_saving_at_every_update_changes_nothing(store, plain):
    run, trainer = stored(store, CONFIG.changed({"checkpoint.save_steps": 1, "checkpoint.max_time_share": 1}))
    assert losses(run.record(trainer.run())) == plain[0]
    assert equal(weights(trainer), plain[1])
    assert len(run.saves()) >= 3


def test_frequent_pauses_and_single_steps_change_nothing(store, plain):
    run, trainer = stored(store)
    events, safe_points = [], 0
    for event in run.record(trainer.run()):
        events.append(event)
        if isinstance(event, Progress):
            safe_points += 1
            if safe_points % 7 == 0:
                for command in (Pause(), SingleStep(), SingleStep(), Resume()):
                    trainer.commands.put(command)
    assert sum(isinstance(event, CommandApplied) for event in events) > 100
    assert losses(events) == plain[0]
    assert equal(weights(trainer), plain[1])


def test_scores_in_between_change_nothing(plain):
    trainer, events = Trainer(CONFIG), []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Updated):
            trainer.commands.put(EvaluateNow())
    assert losses(events) == plain[0]
    assert equal(weights(trainer), plain[1])


class Viewer(threading.Thread):
    """A thread that watches the newest weights act, as fast as it can."""

    def __init__(self, trainer):
        super().__init__(daemon=True)
        self.trainer, self.over, self.frames, self.error = trainer, threading.Event(), 0, None
        self.instructions = 0

    def run(self):
        try:
            watcher = Watcher(size=32)
            while not self.over.is_set():
                snapshot = self.trainer.snapshots.take()
                if snapshot is not None:
                    watcher.load(snapshot)
                    watcher.show(CONFIG.stages[self.frames // 20 % 2].configured_task, 0)
                if watcher._scene is not None:
                    frame = watcher.step()
                    self.frames += 1
                    if frame.requests and self.frames % 5 == 0:
                        watcher.instruct(frame.requests[0].text)
                        self.instructions += 1
        except RuntimeError as error:
            self.error = error


def test_a_viewer_who_instructs_the_agent_and_readers_of_the_log_change_nothing(store, plain):
    run, trainer = stored(store)
    viewer, events = Viewer(trainer), []
    viewer.start()
    for event in run.record(trainer.run()):
        events.append(event)
        if isinstance(event, Updated):
            Story(run.replay())
            run.story().until(event.step // 2).matrix()
    viewer.over.set()
    viewer.join()
    assert viewer.error is None
    assert viewer.frames > 0
    assert viewer.instructions > 0
    assert losses(events) == plain[0]
    assert equal(weights(trainer), plain[1])


@pytest.mark.parametrize(("command", "tick"), [(Pause, 0), (Pause, 9), (Stop, 3), (Stop, 12)])
def test_a_pause_or_a_stop_saves_the_last_update_and_resumes_exactly(store, plain, monkeypatch, command, tick):
    monkeypatch.setattr("agents.training.checkpointing.SNAPSHOT_SHARE", float("inf"))  # a snapshot at every update
    run, trainer = stored(store)
    recording, safe_points, events = run.record(trainer.run()), -1, []
    updated = 0
    for event in recording:
        events.append(event)
        if isinstance(event, Updated):
            updated = event.step
        if isinstance(event, Progress) and updated >= 128 and event.phase != "evaluating":
            safe_points += 1
            if safe_points == tick:
                trainer.commands.put(command())
                trainer.commands.put(Stop())  # ends the pause
    reached = max(event.step for event in events if isinstance(event, Updated))
    assert run.saves()[-1].step == reached
    on = prepared_run.resume(run)
    list(on.events)
    assert losses(run.replay()) == plain[0]
    assert equal(weights(on.trainer), plain[1])


def test_the_control_another_seed_gives_other_results(plain):
    assert losses(Trainer(CONFIG.changed({"seed": 12})).run()) != plain[0]
