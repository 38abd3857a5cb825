"""Recorded commands are found with the position at which they took effect."""

from agents.commands import Configure, EvaluateNow, Pause
from agents.events import CheckpointSaved, CommandApplied, EpisodeFinished, Evaluated, Resumed
from agents.training.command_replay import RecordedCommand, recorded_commands

ASKED, LATER = Configure(changes={"learning.learning_rate": 0.01}), EvaluateNow()
EPISODE = EpisodeFinished(step=5, index=0, task_id=0, reward=1.0, score=1.0, length=3)
EVENTS = [
    Resumed(step=4, exact=True),
    EPISODE,
    CheckpointSaved(step=5, name="step-000000005"),
    CommandApplied(step=5, command=Pause(), tick=7),
    CommandApplied(step=5, command=ASKED, tick=7),
    EPISODE,
    CommandApplied(step=9, command=LATER, tick=11),
    Evaluated(step=9, index=0, scores=(1.0,), final=False),
]


def test_each_command_has_its_tick_and_its_position_among_reproducible_events():
    assert recorded_commands(EVENTS) == [RecordedCommand(7, 1, ASKED), RecordedCommand(11, 3, LATER)]


def test_commands_from_a_step_on_are_left_out():
    assert recorded_commands(EVENTS, before=9) == [RecordedCommand(7, 1, ASKED)]
    assert recorded_commands(EVENTS, before=5) == []
