import pytest

from agents.commands import (
    Configure,
    EditCurriculum,
    EraseMemories,
    EvaluateNow,
    Pause,
    PinMemories,
    Resume,
    SingleStep,
    Stop,
)
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import (
    CommandApplied,
    CommandRefused,
    EpisodeFinished,
    Evaluated,
    Fault,
    MemoryChanged,
    Progress,
    RunFinished,
    StageFinished,
    StageStarted,
    TasksChanged,
    Updated,
)
from agents.training.trainer import Trainer
from envs.curriculum import Stage

A = Stage(id="a", task="household/go-to", steps=256)
B = Stage(id="b", task="mirror/go-to", steps=256)
C = Stage(id="c", task="household/take", steps=256)


def tiny(*stages, **changes):
    config = RunConfig(
        stages=stages,
        learning=LearningConfig(n_envs=8, n_steps=8),
        evaluation=EvaluationConfig(n_eval_episodes=4, eval_freq=128),
    )
    return config.changed(changes)


def kinds(events):
    return [type(event) for event in events if not isinstance(event, Progress | EpisodeFinished | MemoryChanged)]


def run_until(events, wanted):
    for event in events:
        if isinstance(event, wanted):
            return event
    raise AssertionError(f"the run ended without {wanted}")


def test_a_run_yields_its_events_in_order():
    events = list(Trainer(tiny(A, B)).run())
    names = [kind.__name__ for kind in kinds(events) if kind is not Updated]
    assert names == [
        "RunStarted",
        "TasksChanged",
        "Evaluated",  # the untrained agent
        *["StageStarted", "Evaluated", "Evaluated", "StageFinished"] * 2,
        "RunFinished",
    ]
    finals = [event for event in events if isinstance(event, Evaluated) and event.final]
    assert [event.index for event in finals] == [-1, 0, 1]
    assert all(len(event.scores) == 2 for event in finals)
    assert events[-1].reason == "done"
    assert events[-1].step == 512
    assert [event.step for event in events] == sorted(event.step for event in events)


def test_a_budget_is_never_overspent():
    uneven = A.model_copy(update={"steps": 100})
    events = list(Trainer(tiny(uneven)).run())
    assert 92 < events[-1].step <= 100


def test_the_same_seed_gives_the_same_run():
    def trace(seed):
        events = Trainer(tiny(A, B, **{"seed": seed, "strategy.name": "replay"})).run()
        return [(event.step, dict(event.terms)) for event in events if isinstance(event, Updated)]

    assert trace(3) == trace(3)
    assert trace(3) != trace(4)


def test_a_stage_ends_at_its_gate():
    easy = A.model_copy(update={"until": 0.01, "steps": 100_000})
    events = list(Trainer(tiny(easy)).run())
    (end,) = [event for event in events if isinstance(event, StageFinished)]
    assert end.reason == "gate"
    assert end.step < 100_000


def test_a_paused_run_applies_commands_and_resumes():
    trainer = Trainer(tiny(A))
    events = trainer.run()
    run_until(events, StageStarted)
    for command in (Pause(), SingleStep(), EvaluateNow(), Resume()):
        trainer.commands.put(command)
    rest = list(events)
    applied = [type(event.command) for event in rest if isinstance(event, CommandApplied)]
    assert applied == [Pause, SingleStep, EvaluateNow, Resume]
    assert rest[-1].reason == "done"


def test_a_single_step_is_one_step_in_every_world():
    trainer = Trainer(tiny(A))
    events = trainer.run()
    run_until(events, StageStarted)
    trainer.commands.put(SingleStep())
    before = trainer.state.step
    trainer.commands.put(SingleStep())
    trainer.commands.put(Stop())  # ends the pause after the second step
    steps = [event.step for event in events if isinstance(event, Progress) and event.phase == "acting"]
    assert before == 0
    assert set(steps) <= {8}


def test_a_stopped_run_ends_in_good_order():
    trainer = Trainer(tiny(A, B))
    events = trainer.run()
    run_until(events, Updated)
    trainer.commands.put(Stop())
    rest = list(events)
    assert [type(event) for event in rest[-2:]] == [StageFinished, RunFinished]
    assert rest[-2].reason == rest[-1].reason == "stopped"


def test_swapping_the_running_stage_ends_it_where_it_is():
    trainer = Trainer(tiny(A, B))
    events = trainer.run()
    run_until(events, Updated)
    trainer.commands.put(EditCurriculum(stages=(C, B)))
    rest = list(events)
    ends = [event for event in rest if isinstance(event, StageFinished)]
    assert [end.reason for end in ends] == ["cut", "budget", "budget"]
    assert [event.stage.id for event in rest if isinstance(event, StageStarted)] == ["c", "b"]
    (task_ids,) = [event.tasks for event in rest if isinstance(event, TasksChanged)]
    assert [task.key for task in task_ids] == ["household/go-to", "mirror/go-to", "household/take"]
    assert len([event for event in rest if isinstance(event, Evaluated)][-1].scores) == 3


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (EditCurriculum(stages=(B,)), "can't be changed"),
        (EditCurriculum(stages=(A, B, Stage(task="gym:NoSuchWorld-v0"))), "NoSuchWorld"),
        (Configure(changes={"strategy.weigth": 2}), "strategy"),
        (Configure(changes={"model.width": 32}), "model.width"),
        (Configure(changes={"learning.learning_rate": -1.0}), "rate"),
    ],
)
def test_an_invalid_command_is_refused_with_a_reason_and_the_run_continues(command, text):
    trainer = Trainer(tiny(A, B))
    events = trainer.run()
    run_until(events, StageFinished)
    trainer.commands.put(command)
    refusal = run_until(events, CommandRefused)
    assert text in refusal.reason.format(**refusal.arguments)
    assert list(events)[-1].reason == "done"


def test_a_strategy_switched_on_in_mid_run_knows_what_was_learned_before():
    trainer = Trainer(tiny(A, B))
    events = trainer.run()
    run_until(events, StageFinished)
    trainer.commands.put(Configure(changes={"strategy.name": "replay"}))
    run_until(events, StageStarted)
    updated = run_until(events, Updated)
    assert updated.terms["penalty"] >= 0


def test_memories_can_be_erased_and_pinned_while_it_learns():
    trainer = Trainer(tiny(A, B))
    events = trainer.run()
    entry, other = run_until(events, MemoryChanged).added[:2]
    trainer.commands.put(EraseMemories(ids=(entry.id,)))
    trainer.commands.put(PinMemories(ids=(other.id,)))
    changes = [event for event in events if isinstance(event, MemoryChanged)]
    assert (entry.id,) in [change.removed for change in changes]
    assert (other.id,) in [change.pinned for change in changes]
    assert entry not in trainer.state.agent.memory.entries()


def test_a_world_that_raises_ends_its_stage_and_not_the_run(monkeypatch):
    from envs.household.single_room import Household

    def break_down(self, action):
        raise RuntimeError("the roof fell in")

    trainer = Trainer(tiny(A, Stage(id="g", task="gym:CartPole-v1", steps=128)))
    monkeypatch.setattr(Household, "step", break_down)
    events = list(trainer.run())
    faults = [event for event in events if isinstance(event, Fault)]
    assert "the roof fell in" in faults[-1].message.format(**faults[-1].arguments)
    assert [event.reason for event in events if isinstance(event, StageFinished)] == ["fault", "budget"]
    assert events[-1].reason == "done"


def test_an_invalid_curriculum_is_refused_before_training():
    with pytest.raises(ValueError, match="NoSuchWorld"):
        Trainer(tiny(Stage(task="gym:NoSuchWorld-v0")))
    with pytest.raises(ValueError, match="no stages"):
        Trainer(tiny())


def test_weights_are_saved_along_the_run():
    saved = []

    def keep(step, arrays, about, task_arrays):
        saved.append((step, sorted(arrays), about))
        return f"step-{step}"

    list(Trainer(tiny(A), keep=keep).run())
    assert saved[0][0] == 0
    assert saved[-1][0] == 256
    assert all(names == saved[0][1] for _, names, _ in saved)
