"""A stage that fails is rolled back to its last checkpoint and tried again; after three failures it is skipped."""

import pytest
import torch

from agents import codec
from agents.commands import EditCurriculum, EraseMemories
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import CheckpointConfig, EvaluationConfig, LearningConfig
from agents.config.strategies import ReplayConfig
from agents.continual.replay import Replay
from agents.events import (
    TRANSIENT,
    EpisodeFinished,
    Fault,
    MemoryChanged,
    Progress,
    RolledBack,
    StageFinished,
    StageStarted,
    Updated,
)
from agents.store.run_store import RunStore
from agents.story import Story
from agents.training import prepared_run
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.household.single_room import Household

CONFIG = RunConfig(
    seed=5,
    stages=(Stage(id="a", task="household/go-to", steps=256), Stage(id="b", task="gym:CartPole-v1", steps=128)),
    strategy=ReplayConfig(batch_size=4),
    model=ModelConfig(layers=1, width=16, heads=2),
    learning=LearningConfig(n_envs=4, n_steps=8, burst_updates=2),
    evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=0),
    checkpoint=CheckpointConfig(save_steps=64, max_time_share=1),
)


class Failure:
    """Makes a method fail once at each of the steps `at`, or always from the first of them on."""

    def __init__(self, monkeypatch, fault, at, *, always=False):
        kind, name, corrupt, _ = FAULTS[fault]
        original = getattr(kind, name)
        self.at, self.always, self.is_due = list(at), always, False

        def failing(*arguments):
            result = original(*arguments)
            if not self.is_due:
                return result
            self.is_due = self.always
            return corrupt(result)

        monkeypatch.setattr(kind, name, failing)

    def watch(self, event):
        if isinstance(event, Progress) and event.phase == "acting" and self.at and event.step >= self.at[0]:
            self.is_due = True
            self.at.pop(0)
        if isinstance(event, RolledBack) and self.always:
            self.is_due = True
        if isinstance(event, StageFinished):
            self.is_due = False


def broken(result):
    raise RuntimeError("the roof fell in")


FAULTS = {
    "a world that raises": (Household, "step", broken, "the roof fell in"),
    "a reward that is no number": (
        Household,
        "step",
        lambda result: (result[0], float("nan"), *result[2:]),
        "reward is nan",
    ),
    "a reward without end": (Household, "step", lambda result: (result[0], float("inf"), *result[2:]), "reward is inf"),
    "a loss that is no number": (Replay, "penalty", lambda penalty: penalty + float("nan"), "loss nan"),
    "a strategy that raises": (Replay, "observe", broken, "the roof fell in"),
}

RAISES = "a world that raises"


@pytest.fixture
def run(tmp_path):
    return RunStore(tmp_path / "runs").create(CONFIG)


def trainer_of(run):
    trainer = Trainer(run.config)
    trainer.store_in(run)
    return trainer


def train(run, failure, trainer=None):
    events = []
    for event in run.record((trainer or trainer_of(run)).run()):
        failure.watch(event)
        events.append(event)
    return [event for event in events if not isinstance(event, TRANSIENT)]


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def text(fault):
    return fault.message.format(**fault.arguments)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_failure_costs_only_the_steps_since_the_checkpoint(run, monkeypatch, fault):
    events = train(run, Failure(monkeypatch, fault, [140]))
    (reported,), (back,) = of(Fault, events), of(RolledBack, events)
    assert FAULTS[fault][3] in text(reported)
    assert (back.to, back.attempt, back.index) == (128, 1, 0)
    assert 128 < back.step <= 192
    assert [end.reason for end in of(StageFinished, events)] == ["budget", "budget"]
    assert events[-1].step == 256 + 128 + back.step - 128  # the stage still gets its whole budget


def test_events_are_never_deleted_and_steps_never_go_back(run, monkeypatch):
    events = train(run, Failure(monkeypatch, RAISES, [140]))
    assert [event.step for event in events] == sorted(event.step for event in events)
    assert [codec.dumps(codec.to_json(event)) for event in run.replay()] == [
        codec.dumps(codec.to_json(event)) for event in events
    ]
    collected, stored = Story(events), run.story()
    assert stored.rolled_back == collected.rolled_back == of(RolledBack, events)
    assert [entry.id for entry in stored.until().memory()] == [entry.id for entry in collected.until().memory()]


def test_the_memory_of_the_story_is_the_memory_of_the_agent(run, monkeypatch):
    trainer = trainer_of(run)
    events = train(run, Failure(monkeypatch, RAISES, [140, 220]), trainer)
    assert len(of(RolledBack, events)) == 2
    held = {entry.id: entry for entry in Story(events).until().memory()}
    assert held == {entry.id: entry for entry in trainer.state.agent.memory.entries()}
    ids = [entry.id for change in of(MemoryChanged, events) for entry in change.added]
    assert len(set(ids)) == len(ids)


def test_a_stage_that_always_fails_is_tried_three_times_and_leaves_the_agent_unchanged(run, monkeypatch):
    failure = Failure(monkeypatch, RAISES, [40], always=True)
    trainer, weights, events = trainer_of(run), {}, []
    for event in run.record(trainer.run()):
        failure.watch(event)
        events.append(event)
        if isinstance(event, StageStarted | StageFinished):
            policy = trainer.state.agent.policy.state_dict()
            weights[type(event).__name__, event.index] = {name: weight.clone() for name, weight in policy.items()}
    assert [back.attempt for back in of(RolledBack, events)] == [1, 2, 3]
    assert [back.to for back in of(RolledBack, events)] == [0, 0, 0]
    assert "set aside" in text(of(Fault, events)[2])
    assert [(end.index, end.reason) for end in of(StageFinished, events)] == [(0, "fault"), (1, "budget")]
    before, after = weights["StageStarted", 0], weights["StageFinished", 0]
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert events[-1].reason == "done"


def test_consecutive_failures_are_counted_from_zero_after_a_checkpoint(run, monkeypatch):
    events = train(run, Failure(monkeypatch, RAISES, [40, 120, 200, 280]))
    assert len(of(RolledBack, events)) == 4
    assert {back.attempt for back in of(RolledBack, events)} == {1}
    assert [end.reason for end in of(StageFinished, events)] == ["budget", "budget"]


def test_another_attempt_collects_other_episodes(run, monkeypatch):
    events = train(run, Failure(monkeypatch, RAISES, [60, 100]))
    rollbacks = [index for index, event in enumerate(events) if isinstance(event, RolledBack)]
    assert len(rollbacks) == 2
    first, second, third = events[: rollbacks[0]], events[rollbacks[0] : rollbacks[1]], events[rollbacks[1] :]
    episodes = [[(e.reward, e.length) for e in of(EpisodeFinished, part)][:3] for part in (first, second, third)]
    losses = [of(Updated, part)[0].terms["policy"] for part in (first, second, third)]
    assert len({str(part) for part in episodes}) == 3
    assert len(set(losses)) == 3


def test_commands_since_the_checkpoint_still_hold_after_a_rollback(run, monkeypatch):
    failure = Failure(monkeypatch, RAISES, [164])
    trainer, events = trainer_of(run), []
    longer = (CONFIG.stages[0].model_copy(update={"steps": 320}), Stage(id="c", task="mirror/take", steps=64))
    for event in run.record(trainer.run()):
        failure.watch(event)
        events.append(event)
        if isinstance(event, Updated) and event.step == 160:
            trainer.commands.put(EraseMemories(ids=tuple(range(20))))
            trainer.commands.put(EditCurriculum(stages=longer))
    (back,) = of(RolledBack, events)
    assert back.to == 128
    assert not {entry.id for entry in trainer.state.agent.memory.entries()} & set(range(20))
    assert [event.stage.id for event in of(StageStarted, events)] == ["a", "c"]
    assert of(StageFinished, events)[0].step == 320 + back.step - back.to


def test_a_run_resumes_exactly_from_a_checkpoint_after_a_rollback(run, monkeypatch, tmp_path):
    whole = train(run, Failure(monkeypatch, RAISES, [100]))
    (back,) = of(RolledBack, whole)
    cut = RunStore(tmp_path / "cut").create(CONFIG)
    failure = Failure(monkeypatch, RAISES, [100])
    recording = cut.record(trainer_of(cut).run())
    for event in recording:
        failure.watch(event)
        if isinstance(event, Updated) and event.step > back.step + 64:
            break
    recording.close()
    rest = prepared_run.resume(cut)
    list(rest.events)
    losses = [[(event.step, dict(event.terms)) for event in of(Updated, events)] for events in (whole, cut.replay())]
    assert losses[0] == losses[1]


def test_a_meta_stage_restarts(tmp_path, monkeypatch):
    stages = (Stage(id="m", kind="meta", task="household/words", steps=2_000),)
    config = CONFIG.changed({"meta.meta_batch_size": 2, "meta.episodes": 4, "meta.inner_steps": 1})
    run = RunStore(tmp_path / "meta").create(config.model_copy(update={"stages": stages}))
    failure = Failure(monkeypatch, RAISES, [])
    trainer, events = trainer_of(run), []
    for event in run.record(trainer.run()):
        events.append(event)
        failure.is_due |= isinstance(event, StageStarted)
    assert [back.to for back in of(RolledBack, events)] == [0]
    assert [end.reason for end in of(StageFinished, events)] == ["budget"]


def test_without_storage_a_fault_ends_the_stage(monkeypatch):
    failure, events = Failure(monkeypatch, RAISES, [140]), []
    for event in Trainer(CONFIG).run():
        failure.watch(event)
        events.append(event)
    assert of(RolledBack, events) == []
    assert [end.reason for end in of(StageFinished, events)] == ["fault", "budget"]
