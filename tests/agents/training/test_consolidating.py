"""Consolidation may take long: meanwhile the run yields events, and accepts only commands of its pace."""

import pytest

from agents.commands import Configure, EditCurriculum, EvaluateNow, Pause, Resume, Stop
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import CommandApplied, Evaluated, Progress, RunFinished, StageFinished
from agents.training.trainer import Trainer
from envs.curriculum import Stage

A = Stage(id="a", task="household/go-to", steps=64)
B = Stage(id="b", task="mirror/go-to", steps=64)
STEPS = 6
SETTINGS = {
    "packnet": {"strategy.name": "packnet", "strategy.post_prune_steps": STEPS},
    "progress_compress": {"strategy.name": "progress_compress", "strategy.compress_steps": STEPS},
}


def trainer_for(strategy="packnet"):
    config = RunConfig(
        stages=(A, B), learning=LearningConfig(n_envs=8, n_steps=8), evaluation=EvaluationConfig(n_eval_episodes=2)
    )
    return Trainer(config.changed(SETTINGS[strategy]))


def is_consolidating(event):
    return isinstance(event, Progress) and event.phase == "consolidating"


def collected(trainer, *commands):
    """Train to the end, send the commands at the third step of the last consolidation, and return the events."""
    events, steps = [], 0
    for event in trainer.run():
        events.append(event)
        steps += is_consolidating(event) and event.index == 1
        if steps == 3:
            steps += 1
            for command in commands:
                trainer.commands.put(command)
    return events


def scores(events):
    return [event.scores for event in events if isinstance(event, Evaluated)]


@pytest.mark.parametrize(("strategy", "ends"), [("packnet", 2), ("progress_compress", 1)])
def test_every_step_of_a_consolidation_is_a_progress_event(strategy, ends):
    assert sum(map(is_consolidating, collected(trainer_for(strategy)))) == ends * STEPS


@pytest.mark.parametrize("strategy", SETTINGS)
def test_a_pause_takes_effect_in_the_middle_and_changes_nothing(strategy):
    events = collected(trainer_for(strategy), Pause(), Resume())
    index = next(index for index, event in enumerate(events) if isinstance(event, CommandApplied))
    assert is_consolidating(events[index - 1])
    assert is_consolidating(events[index + 2])
    assert scores(events) == scores(collected(trainer_for(strategy)))


COMMANDS = (Configure(changes={"strategy.name": "naive"}), EvaluateNow(), EditCurriculum(stages=(A, B)))


@pytest.mark.parametrize("command", COMMANDS)
def test_other_commands_wait_until_consolidation_is_done(command):
    events = collected(trainer_for(), command)
    applied = next(event for event in events if isinstance(event, CommandApplied))
    assert not any(map(is_consolidating, events[events.index(applied) :]))


def test_a_deferred_command_is_recorded_at_a_position_at_which_it_can_be_repeated():
    trainer, ticks = trainer_for(), []
    events = collected(trainer, EvaluateNow())
    for event in events:
        ticks.append((ticks or [0])[-1] + (isinstance(event, Progress) and not is_consolidating(event)))
    index = next(index for index, event in enumerate(events) if isinstance(event, CommandApplied))
    assert events[index].tick == ticks[index]


def test_a_stop_takes_effect_during_consolidation():
    events = collected(trainer_for(), Stop())
    assert sum(is_consolidating(event) and event.index == 1 for event in events) == 3
    assert isinstance(events[-1], RunFinished)
    assert [event.reason for event in events if isinstance(event, StageFinished)] == ["budget", "stopped"]
