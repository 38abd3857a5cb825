import pytest
import torch

from agents.commands import EditCurriculum, Pause, SingleStep, Stop
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import (
    Adapted,
    EpisodeFinished,
    Fault,
    MemoryChanged,
    Progress,
    StageFinished,
    StageStarted,
    TasksChanged,
    Updated,
)
from agents.meta import inner_loop
from agents.meta.inner_loop import Adam, norm
from agents.training.trainer import Trainer
from envs.curriculum import Stage

FAMILY = Stage(id="f", kind="meta", task="household/words", steps=700)
HOUSE = Stage(id="h", task="household/go-to", steps=64)
LEARNERS = ("reptile", "fomaml")


def tiny(*stages, learner="reptile", **changes):
    config = RunConfig(
        stages=stages,
        learning=LearningConfig(n_envs=8, n_steps=8),
        evaluation=EvaluationConfig(n_eval_episodes=4, eval_freq=0),
    )
    small = {
        "model.layers": 1,
        "model.width": 16,
        "meta.name": learner,
        "meta.meta_batch_size": 2,
        "meta.episodes": 2,
        "meta.inner_steps": 2,
    }
    return config.changed({**small, **changes})


@pytest.mark.parametrize("learner", LEARNERS)
def test_gradients_of_members_and_of_the_final_test_are_clipped_by_the_runs_setting(learner, monkeypatch):
    norms = []

    class Recorded(Adam):
        def step(self, weights, gradients):
            norms.append(norm(gradients))
            return super().step(weights, gradients)

    monkeypatch.setattr(inner_loop, "Adam", Recorded)
    changes = {"learning.max_grad_norm": 1e-3, "meta.episodes": 2}
    assert not of(list(Trainer(tiny(FAMILY, learner=learner, **changes)).run()), Fault)
    assert 0.9e-3 < max(norms) <= 1e-3 * (1 + 1e-5)


def run_until(events, wanted):
    for event in events:
        if isinstance(event, wanted):
            return event
    raise AssertionError(f"the run ended without {wanted}")


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_meta_stage_yields_its_events_in_order(learner):
    events = list(Trainer(tiny(FAMILY, HOUSE, learner=learner)).run())
    assert not of(events, Fault)
    names = [type(event).__name__ for event in events if not isinstance(event, Progress | EpisodeFinished)]
    names = [name for name in names if name not in ("MemoryChanged", "Updated")]
    assert names[3:] == [
        *["StageStarted", *["Adapted"] * 4, "Evaluated", "StageFinished"],
        *["StageStarted", "Evaluated", "StageFinished", "RunFinished"],
    ]
    meta, house = of(events, StageFinished)
    assert meta.reason == "budget"
    assert 0 < meta.step <= 700
    assert house.step == meta.step + 64
    assert [event.step for event in events] == sorted(event.step for event in events)


def test_an_outer_step_reports_success_before_and_after_adaptation():
    scores = []
    for event in Trainer(tiny(FAMILY)).run():
        if isinstance(event, EpisodeFinished):
            scores.append(event.score)
        if isinstance(event, Updated):
            break
    assert len(scores) == 8  # 2 members, 2 rollouts each, 2 episodes each
    assert set(event.terms) == {"move", "success_before", "success_after"}
    assert event.terms["success_before"] == pytest.approx((sum(scores[0:2]) + sum(scores[4:6])) / 4)
    assert event.terms["success_after"] == pytest.approx((sum(scores[2:4]) + sum(scores[6:8])) / 4)


def test_every_step_is_counted_once_and_every_vector_step_can_be_paused_at():
    trainer = Trainer(tiny(FAMILY))
    events = list(trainer.run())
    steps = [event.step for event in of(events, Progress) if event.phase == "adapting"]
    grown = [after - before for before, after in zip([0, *steps], steps, strict=False)]
    assert max(grown) <= 2  # environments that run in parallel
    assert trainer.state.step == steps[-1]
    lengths = sum(event.length for event in of(events, EpisodeFinished))
    assert lengths <= trainer.state.step < lengths + 40  # the outer step that the budget cut off


def test_the_final_test_is_on_held_out_members():
    events = list(Trainer(tiny(FAMILY, **{"meta.episodes": 2})).run())
    tests = of(events, Adapted)
    assert tests[0].member == 0
    assert len({event.member for event in tests}) == 4
    for event in tests:
        assert event.episodes == (0, 2, 4, 8, 16)
        assert len(event.scores) == len(event.control) == 5
        assert all(0 <= score <= 1 for score in event.scores + event.control)


def test_the_agent_before_the_stage_is_the_control():
    """With nothing learned in the stage, agent and control are the same agent and do the same."""
    events = list(Trainer(tiny(FAMILY.model_copy(update={"steps": 8}))).run())
    assert not of(events, Updated)
    assert all(event.scores == event.control for event in of(events, Adapted))


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_same_seed_gives_the_same_run(learner):
    def trace(seed):
        events = Trainer(tiny(FAMILY.model_copy(update={"steps": 2_000}), learner=learner, **{"seed": seed})).run()
        updates = [run_until(events, Updated) for _ in range(2)]
        return [(update.step, dict(update.terms)) for update in updates]

    assert trace(3) == trace(3)
    assert trace(3) != trace(4)


def test_a_paused_stage_takes_single_steps_and_stops_on_command():
    trainer = Trainer(tiny(FAMILY))
    events = trainer.run()
    run_until(events, StageStarted)
    trainer.commands.put(Pause())
    for expected in (2, 4):  # two environments run in parallel
        trainer.commands.put(SingleStep())
        assert run_until(events, Progress).step == expected
    trainer.commands.put(Stop())
    rest = list(events)
    assert not of(rest, Progress)
    assert of(rest, StageFinished)[0].reason == "stopped"
    assert rest[-1].reason == "stopped"


def test_a_stage_that_is_removed_ends_without_a_test():
    trainer = Trainer(tiny(FAMILY, HOUSE))
    events = trainer.run()
    run_until(events, StageStarted)
    run_until(events, Progress)
    trainer.commands.put(EditCurriculum(stages=(HOUSE,)))
    rest = list(events)
    assert [event.reason for event in of(rest, StageFinished)] == ["cut", "budget"]
    assert not of(rest, Adapted)


def test_a_task_with_new_words_may_be_added_during_an_outer_step():
    trainer = Trainer(tiny(FAMILY))
    events = trainer.run()
    run_until(events, Updated)
    run_until(events, Progress)
    trainer.commands.put(EditCurriculum(stages=(FAMILY, Stage(id="x", task="household/take", steps=64))))
    assert len(run_until(events, TasksChanged).tasks) == 2
    for event in events:
        assert not isinstance(event, Fault)
        if isinstance(event, Updated):
            break
    assert event.step < 700


def test_decisions_during_adaptation_are_remembered():
    trainer = Trainer(tiny(FAMILY))
    events = []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, MemoryChanged):
            break
    entries = trainer.state.agent.memory.entries(0)
    assert len(entries) == sum(len(event.added) for event in of(events, MemoryChanged))
    assert len(entries) == sum(event.length for event in of(events, EpisodeFinished))
    assert all(entry.text.startswith("new house") for entry in entries)


@pytest.mark.parametrize("learner", LEARNERS)
def test_outer_steps_change_the_agent_and_nothing_else_does(learner):
    trainer = Trainer(tiny(FAMILY, learner=learner))
    policy, events = trainer.state.agent.policy, trainer.run()
    run_until(events, StageStarted)
    before = {name: weight.clone() for name, weight in policy.state_dict().items()}
    for event in events:
        same = all(torch.equal(weight, before[name]) for name, weight in policy.state_dict().items())
        if isinstance(event, Updated):
            assert not same
            break
        assert same
