"""A stage that fails is taken back to what was saved and tried again; what fails three times is set aside."""

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


class Misfortune:
    """Makes a method misbehave once at each of the steps `at`, or always from the first of them on."""

    def __init__(self, monkeypatch, fault, at, *, always=False):
        kind, name, corrupt, _ = FAULTS[fault]
        whole = getattr(kind, name)
        self.at, self.always, self.is_near = list(at), always, False

        def spoiled(*arguments):
            answer = whole(*arguments)
            if not self.is_near:
                return answer
            self.is_near = self.always
            return corrupt(answer)

        monkeypatch.setattr(kind, name, spoiled)

    def watch(self, event):
        if isinstance(event, Progress) and event.phase == "acting" and self.at and event.step >= self.at[0]:
            self.is_near = True
            self.at.pop(0)
        if isinstance(event, RolledBack) and self.always:
            self.is_near = True
        if isinstance(event, StageFinished):
            self.is_near = False


def broken(answer):
    raise RuntimeError("the roof fell in")


FAULTS = {
    "a world that raises": (Household, "step", broken, "the roof fell in"),
    "a reward that is no number": (Household, "step", lambda told: (told[0], float("nan"), *told[2:]), "reward is nan"),
    "a reward without end": (Household, "step", lambda told: (told[0], float("inf"), *told[2:]), "reward is inf"),
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


def live(run, misfortune, trainer=None):
    told = []
    for event in run.record((trainer or trainer_of(run)).run()):
        misfortune.watch(event)
        told.append(event)
    return [event for event in told if not isinstance(event, TRANSIENT)]


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def words(fault):
    return fault.message.format(**fault.arguments)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_misfortune_costs_what_was_lived_since_the_checkpoint_and_nothing_else(run, monkeypatch, fault):
    told = live(run, Misfortune(monkeypatch, fault, [140]))
    (failure,), (back,) = of(Fault, told), of(RolledBack, told)
    assert FAULTS[fault][3] in words(failure)
    assert (back.to, back.attempt, back.index) == (128, 1, 0)
    assert 128 < back.step <= 192
    assert [end.reason for end in of(StageFinished, told)] == ["budget", "budget"]
    assert told[-1].step == 256 + 128 + back.step - 128  # the stage has its whole budget all the same


def test_what_was_told_stays_told_and_the_story_never_goes_back(run, monkeypatch):
    told = live(run, Misfortune(monkeypatch, RAISES, [140]))
    assert [event.step for event in told] == sorted(event.step for event in told)
    assert [codec.dumps(codec.to_json(event)) for event in run.replay()] == [
        codec.dumps(codec.to_json(event)) for event in told
    ]
    collected, stored = Story(told), run.story()
    assert stored.rolled_back == collected.rolled_back == of(RolledBack, told)
    assert [entry.id for entry in stored.until().memory()] == [entry.id for entry in collected.until().memory()]


def test_the_memory_that_the_story_tells_is_the_memory_that_the_agent_has(run, monkeypatch):
    trainer = trainer_of(run)
    told = live(run, Misfortune(monkeypatch, RAISES, [140, 220]), trainer)
    assert len(of(RolledBack, told)) == 2
    held = {entry.id: entry for entry in Story(told).until().memory()}
    assert held == {entry.id: entry for entry in trainer.state.agent.memory.entries()}
    ids = [entry.id for change in of(MemoryChanged, told) for entry in change.added]
    assert len(set(ids)) == len(ids)


def test_a_stage_that_always_fails_is_tried_three_times_and_leaves_the_agent_as_it_was(run, monkeypatch):
    misfortune = Misfortune(monkeypatch, RAISES, [40], always=True)
    trainer, weights, told = trainer_of(run), {}, []
    for event in run.record(trainer.run()):
        misfortune.watch(event)
        told.append(event)
        if isinstance(event, StageStarted | StageFinished):
            policy = trainer.state.agent.policy.state_dict()
            weights[type(event).__name__, event.index] = {name: weight.clone() for name, weight in policy.items()}
    assert [back.attempt for back in of(RolledBack, told)] == [1, 2, 3]
    assert [back.to for back in of(RolledBack, told)] == [0, 0, 0]
    assert "set aside" in words(of(Fault, told)[2])
    assert [(end.index, end.reason) for end in of(StageFinished, told)] == [(0, "fault"), (1, "budget")]
    before, after = weights["StageStarted", 0], weights["StageFinished", 0]
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert told[-1].reason == "done"


def test_failures_in_a_row_are_counted_anew_once_a_checkpoint_was_reached(run, monkeypatch):
    told = live(run, Misfortune(monkeypatch, RAISES, [40, 120, 200, 280]))
    assert len(of(RolledBack, told)) == 4
    assert {back.attempt for back in of(RolledBack, told)} == {1}
    assert [end.reason for end in of(StageFinished, told)] == ["budget", "budget"]


def test_another_attempt_lives_other_episodes(run, monkeypatch):
    told = live(run, Misfortune(monkeypatch, RAISES, [60, 100]))
    places = [place for place, event in enumerate(told) if isinstance(event, RolledBack)]
    assert len(places) == 2
    first, second, third = told[: places[0]], told[places[0] : places[1]], told[places[1] :]
    lives = [[(e.reward, e.length) for e in of(EpisodeFinished, part)][:3] for part in (first, second, third)]
    losses = [of(Updated, part)[0].terms["policy"] for part in (first, second, third)]
    assert len({str(life) for life in lives}) == 3
    assert len(set(losses)) == 3


def test_what_a_person_asked_since_the_checkpoint_holds_after_it(run, monkeypatch):
    misfortune = Misfortune(monkeypatch, RAISES, [164])
    trainer, told = trainer_of(run), []
    longer = (CONFIG.stages[0].model_copy(update={"steps": 320}), Stage(id="c", task="mirror/take", steps=64))
    for event in run.record(trainer.run()):
        misfortune.watch(event)
        told.append(event)
        if isinstance(event, Updated) and event.step == 160:
            trainer.commands.put(EraseMemories(ids=tuple(range(20))))
            trainer.commands.put(EditCurriculum(stages=longer))
    (back,) = of(RolledBack, told)
    assert back.to == 128
    assert not {entry.id for entry in trainer.state.agent.memory.entries()} & set(range(20))
    assert [event.stage.id for event in of(StageStarted, told)] == ["a", "c"]
    assert of(StageFinished, told)[0].step == 320 + back.step - back.to


def test_a_run_goes_on_exactly_from_a_checkpoint_made_after_it_was_taken_back(run, monkeypatch, tmp_path):
    whole = live(run, Misfortune(monkeypatch, RAISES, [100]))
    (back,) = of(RolledBack, whole)
    cut = RunStore(tmp_path / "cut").create(CONFIG)
    misfortune = Misfortune(monkeypatch, RAISES, [100])
    recording = cut.record(trainer_of(cut).run())
    for event in recording:
        misfortune.watch(event)
        if isinstance(event, Updated) and event.step > back.step + 64:
            break
    recording.close()
    rest = prepared_run.resume(cut)
    list(rest.events)
    losses = [[(event.step, dict(event.terms)) for event in of(Updated, told)] for told in (whole, cut.replay())]
    assert losses[0] == losses[1]


def test_a_stage_of_meta_learning_begins_again(tmp_path, monkeypatch):
    stages = (Stage(id="m", kind="meta", task="household/words", steps=2_000),)
    config = CONFIG.changed({"meta.meta_batch_size": 2, "meta.episodes": 4, "meta.inner_steps": 1})
    run = RunStore(tmp_path / "meta").create(config.model_copy(update={"stages": stages}))
    misfortune = Misfortune(monkeypatch, RAISES, [])
    trainer, told = trainer_of(run), []
    for event in run.record(trainer.run()):
        told.append(event)
        misfortune.is_near |= isinstance(event, StageStarted)
    assert [back.to for back in of(RolledBack, told)] == [0]
    assert [end.reason for end in of(StageFinished, told)] == ["budget"]


def test_without_a_place_to_store_a_fault_ends_the_stage(monkeypatch):
    misfortune, told = Misfortune(monkeypatch, RAISES, [140]), []
    for event in Trainer(CONFIG).run():
        misfortune.watch(event)
        told.append(event)
    assert of(RolledBack, told) == []
    assert [end.reason for end in of(StageFinished, told)] == ["fault", "budget"]
