"""A stage's end may take long: meanwhile the run breathes, and only its pace can be changed."""

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


def made(strategy="packnet"):
    config = RunConfig(
        stages=(A, B), learning=LearningConfig(n_envs=8, n_steps=8), evaluation=EvaluationConfig(n_eval_episodes=2)
    )
    return Trainer(config.changed(SETTINGS[strategy]))


def is_consolidating(event):
    return isinstance(event, Progress) and event.phase == "consolidating"


def collected(trainer, *commands):
    """Live to the end, with these commands given at the third breath of the last consolidation; return what is told."""
    told, breaths = [], 0
    for event in trainer.run():
        told.append(event)
        breaths += is_consolidating(event) and event.index == 1
        if breaths == 3:
            breaths += 1
            for command in commands:
                trainer.commands.put(command)
    return told


def scores(told):
    return [event.scores for event in told if isinstance(event, Evaluated)]


@pytest.mark.parametrize(("strategy", "ends"), [("packnet", 2), ("progress_compress", 1)])
def test_every_step_of_a_stages_end_is_a_breath(strategy, ends):
    assert sum(map(is_consolidating, collected(made(strategy)))) == ends * STEPS


@pytest.mark.parametrize("strategy", SETTINGS)
def test_a_pause_takes_effect_in_the_middle_and_changes_nothing(strategy):
    told = collected(made(strategy), Pause(), Resume())
    place = next(place for place, event in enumerate(told) if isinstance(event, CommandApplied))
    assert is_consolidating(told[place - 1])
    assert is_consolidating(told[place + 2])
    assert scores(told) == scores(collected(made(strategy)))


COMMANDS = (Configure(changes={"strategy.name": "naive"}), EvaluateNow(), EditCurriculum(stages=(A, B)))


@pytest.mark.parametrize("command", COMMANDS)
def test_what_asks_for_more_waits_until_the_task_is_held(command):
    told = collected(made(), command)
    asked = next(event for event in told if isinstance(event, CommandApplied))
    assert not any(map(is_consolidating, told[told.index(asked) :]))


def test_what_has_waited_is_noted_at_a_moment_at_which_it_can_be_repeated():
    trainer, ticks = made(), []
    told = collected(trainer, EvaluateNow())
    for event in told:
        ticks.append((ticks or [0])[-1] + (isinstance(event, Progress) and not is_consolidating(event)))
    place = next(place for place, event in enumerate(told) if isinstance(event, CommandApplied))
    assert told[place].tick == ticks[place]


def test_a_stop_is_obeyed_in_the_middle():
    told = collected(made(), Stop())
    assert sum(is_consolidating(event) and event.index == 1 for event in told) == 3
    assert isinstance(told[-1], RunFinished)
    assert [event.reason for event in told if isinstance(event, StageFinished)] == ["budget", "stopped"]
