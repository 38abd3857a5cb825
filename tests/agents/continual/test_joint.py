"""Joint training: which environments are collected from, and the schedules and scores that follow."""

import pytest

from agents.commands import Configure, EditCurriculum
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import EpisodeFinished, Evaluated, Fault, MemoryChanged, StageFinished, Updated
from agents.training.trainer import Trainer
from envs.curriculum import Stage

STEPS, RATE = 15_360, 4e-3
"""Enough for the small agent of the last test to learn both houses."""
HOUSE, MIRROR, POLE = (
    Stage(id="house", task="household/go-to", steps=128, options={"size": 3}),
    Stage(id="mirror", task="mirror/go-to", steps=128, options={"size": 3}),
    Stage(id="pole", task="gym:CartPole-v1", steps=128),
)


def config(*stages, strategy="joint", **changes):
    small = RunConfig(
        stages=stages,
        learning=LearningConfig(n_envs=4, n_steps=8),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
        model=ModelConfig(layers=1, width=16),
    )
    return small.changed({"strategy.name": strategy, **changes})


def collected(trainer, orders=()):
    """Run a curriculum and return its events; `orders` are (number of updates, command)."""
    events, waiting = [], list(orders)
    for event in trainer.run():
        events.append(event)
        if waiting and sum(isinstance(seen, Updated) for seen in events) == waiting[0][0]:
            trainer.commands.put(waiting.pop(0)[1])
    assert not [event for event in events if isinstance(event, Fault)]
    return events


def task_ids(events, index=0, after=0, kind=EpisodeFinished):
    return {
        event.task_id for event in events if isinstance(event, kind) and event.index == index and event.step > after
    }


def test_every_stage_collects_from_all_tasks_and_stores_memories_by_task():
    trainer = Trainer(config(HOUSE, MIRROR))
    events = collected(trainer)
    assert task_ids(events, index=0) == task_ids(events, index=1) == {0, 1}
    stored = {entry.task_id for event in events if isinstance(event, MemoryChanged) for entry in event.added}
    assert stored == {0, 1}
    memory = trainer.state.agent.memory
    assert len(memory.entries(0)) == len(memory.entries(1)) == 128
    assert set(memory.consolidated(without=-1)) == {0, 1}


def first_stage(trainer):
    """Run the first stage and return its events."""
    events = []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, StageFinished):
            break
    return events


def test_the_family_of_a_meta_stage_adds_no_environments():
    family = Stage(id="family", kind="meta", task="household/words", steps=64)
    assert task_ids(first_stage(Trainer(config(HOUSE, MIRROR, family)))) == {0, 1}


def test_with_fewer_environments_than_tasks_the_tasks_take_turns():
    events = collected(Trainer(config(HOUSE, MIRROR, POLE, **{"learning.n_envs": 1, "learning.n_steps": 32})))
    assert task_ids(events) == {0, 1, 2}


def test_switching_it_during_a_stage_changes_the_environments_of_the_next_rollout():
    stage = HOUSE.model_copy(update={"steps": 384})
    orders = [(4, Configure(changes={"strategy.name": "joint"})), (8, Configure(changes={"strategy.name": "naive"}))]
    events = collected(Trainer(config(stage, MIRROR, strategy="naive")), orders)
    updates = [event.step for event in events if isinstance(event, Updated) and event.index == 0]
    mirrored = [
        event.step for event in events if isinstance(event, EpisodeFinished) and (event.index, event.task_id) == (0, 1)
    ]
    assert mirrored
    assert updates[3] < min(mirrored) <= max(mirrored) <= updates[7]


def test_a_task_added_during_the_run_is_collected_from_the_next_rollout_on():
    stage = HOUSE.model_copy(update={"steps": 256})
    events = collected(Trainer(config(stage)), [(3, EditCurriculum(stages=(stage, MIRROR)))])
    updates = [event.step for event in events if isinstance(event, Updated)]
    assert task_ids(events) == {0, 1}
    assert updates[2] < min(event.step for event in events if isinstance(event, EpisodeFinished) and event.task_id == 1)


def test_a_gate_is_on_the_task_of_its_own_stage():
    gated = HOUSE.model_copy(update={"until": 0.01, "steps": 20_000})
    events = first_stage(Trainer(config(gated, MIRROR, **{"learning.n_envs": 16})))
    assert events[-1].reason == "gate"
    own = [event.score for event in events if isinstance(event, EpisodeFinished) and event.task_id == 0]
    assert len(own) >= 100
    assert sum(own[-100:]) >= 1


def rates(events, index=None):
    return [event.terms["rate"] for event in events if isinstance(event, Updated) and index in (None, event.index)]


FALL = LearningConfig(n_envs=4, n_steps=8)
"""128 steps are four updates."""


def falling(updates, total, tasks=1):
    """Step sizes of a number of updates, divided by the square root of the tasks that share a minibatch."""
    schedule = (
        FALL.learning_rate + 32 * (i + 1) / total * (FALL.final_learning_rate - FALL.learning_rate)
        for i in range(updates)
    )
    return [rate / tasks**0.5 for rate in schedule]


def test_one_schedule_spans_all_stages():
    trainer = Trainer(config(HOUSE, MIRROR, POLE))
    events = collected(trainer)
    assert rates(events) == pytest.approx(falling(12, 384, tasks=3))
    learner = trainer.state.agent.learner
    assert learner.optimiser.steps == 12 * 3  # epochs: Adam was never reset
    assert learner.ent_coef(384) == pytest.approx(FALL.final_ent_coef)


@pytest.mark.parametrize("exploration", [0.0, 1.0, 3.0])
def test_it_begins_with_a_higher_entropy_bonus_that_falls_over_all_stages(exploration):
    trainer = Trainer(config(HOUSE, MIRROR, **{"strategy.ent_coef_scale": exploration}))
    collected(trainer)
    learner = trainer.state.agent.learner
    bonus = learner.algorithm.config.ent_coef
    assert learner.total == 256
    assert learner.ent_coef(0) == pytest.approx(exploration * bonus)
    assert learner.ent_coef(0.35 * 256) == pytest.approx((exploration * bonus + FALL.final_ent_coef) / 2)


def test_where_tasks_take_turns_only_those_of_the_rollout_share_a_minibatch():
    events = collected(
        Trainer(
            config(HOUSE, MIRROR, POLE, **{"learning.n_envs": 2, "learning.final_learning_rate": FALL.learning_rate})
        )
    )
    assert rates(events) == pytest.approx([FALL.learning_rate / 2**0.5] * len(rates(events)))


def test_the_advantage_scale_has_a_lower_bound_relative_to_returns():
    trainer = Trainer(config(HOUSE, POLE))
    collected(trainer)
    agent = trainer.state.agent
    units = {task_id: agent._scales[task_id].unit for task_id in (0, 1)}
    assert units[1] == 1.0
    assert agent.learner.algorithm.floors == pytest.approx({task_id: 0.2 * unit for task_id, unit in units.items()})


@pytest.mark.parametrize(
    "changes", [{"strategy.min_advantage_scale": 0}, {"strategy.name": "naive"}, {"strategy.name": "replay"}]
)
def test_advantages_have_no_floor_elsewhere(changes):
    trainer = Trainer(config(HOUSE, POLE, **changes))
    collected(trainer)
    assert trainer.state.agent.learner.algorithm.floors == {}


def test_the_floor_follows_the_settings_during_a_run():
    trainer = Trainer(config(HOUSE, POLE))
    collected(trainer, [(1, Configure(changes={"strategy.min_advantage_scale": 0.0}))])
    assert trainer.state.agent.learner.algorithm.floors == {}


def test_under_other_strategies_each_stage_has_a_schedule_of_its_own():
    trainer = Trainer(config(HOUSE, MIRROR, strategy="naive"))
    assert rates(collected(trainer)) == pytest.approx(2 * falling(4, 128))
    assert trainer.state.agent.learner.optimiser.steps == 4 * 3


def test_the_schedule_restarts_after_another_strategy():
    alone = MIRROR.model_copy(update={"strategy": {"name": "naive"}})
    events = collected(Trainer(config(HOUSE, alone, POLE)))
    shared = falling(4, 128, tasks=3)
    assert rates(events) == pytest.approx(shared + falling(4, 128) + shared)


def test_the_schedule_follows_the_plan_and_a_gate():
    wide = {"learning.n_envs": 16, "learning.n_steps": 8}  # 128 steps are an update
    gated = HOUSE.model_copy(update={"until": 0.01, "steps": 20_000})
    events = collected(Trainer(config(gated, MIRROR, **wide)))
    assert rates(events, 0) == pytest.approx(falling(4 * len(rates(events, 0)), 20_128, tasks=2)[3::4])
    assert rates(events, 1) == pytest.approx([FALL.final_learning_rate / 2**0.5])  # nothing is left to do
    orders = [(2, EditCurriculum(stages=(HOUSE, MIRROR, POLE)))]
    events = collected(Trainer(config(HOUSE, MIRROR)), orders)
    assert rates(events) == pytest.approx(falling(2, 256, tasks=2) + falling(12, 384, tasks=3)[2:])


def test_switched_on_in_the_middle_of_a_run_it_shares_the_schedule_of_what_is_left():
    orders = [(2, Configure(changes={"strategy.name": "joint"}))]
    events = collected(Trainer(config(HOUSE, MIRROR, strategy="naive")), orders)
    assert rates(events) == pytest.approx(falling(2, 128) + falling(8, 256, tasks=2)[2:])
    orders = [(2, Configure(changes={"strategy.name": "naive"}))]
    events = collected(Trainer(config(HOUSE, MIRROR)), orders)
    assert rates(events) == pytest.approx(falling(2, 256, tasks=2) + falling(4, 128)[2:] + falling(4, 128))


def test_a_resumed_run_continues_the_schedule():
    whole, resumed, saved = Trainer(config(HOUSE, MIRROR)), Trainer(config(HOUSE, MIRROR)), None
    for event in whole.run():
        if isinstance(event, Updated) and event.index == 1 and saved is None:
            saved = whole.saved()
    resumed.resume(saved)
    assert rates(collected(resumed)) == pytest.approx(falling(8, 256, tasks=2)[5:])


@pytest.mark.timeout(120)
def test_of_two_contradicting_houses_it_remembers_the_first():
    stages = tuple(stage.model_copy(update={"steps": STEPS}) for stage in (HOUSE, MIRROR))
    final = {}
    for strategy in ("naive", "joint"):
        learning = LearningConfig(n_envs=32, n_steps=8, learning_rate=RATE, burst_updates=2)
        settings = config(*stages, strategy=strategy).model_copy(
            update={
                "learning": learning,
                "model": ModelConfig(layers=1, width=64),
                "evaluation": EvaluationConfig(n_eval_episodes=24, eval_freq=0),
            }
        )
        events = collected(Trainer(settings))
        final[strategy] = [event for event in events if isinstance(event, Evaluated)][-1].scores
    assert final["joint"][0] > final["naive"][0] + 0.3
    assert sum(final["joint"]) > sum(final["naive"]) + 0.4
