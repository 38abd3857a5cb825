import pytest

from agents.commands import (
    AddKnowledge,
    Configure,
    EditCurriculum,
    EditKnowledge,
    EraseKnowledge,
    EraseMemories,
    EvaluateNow,
    Pause,
    PinKnowledge,
    PinMemories,
    Resume,
    SingleStep,
)
from agents.events import CommandApplied, Resumed
from agents.story import Story
from widgets.plots.event_marks import command_text, story_marks


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (EditCurriculum(stages=()), "step 12,345: curriculum edited"),
        (Configure(changes={"strategy.weight": 2.0}), "step 12,345: settings changed: strategy.weight = 2.0"),
        (EraseMemories(ids=(1, 2)), "step 12,345: memories erased: 2"),
        (PinMemories(ids=(1,)), "step 12,345: memories pinned: 1"),
        (PinMemories(ids=(1,), pinned=False), "step 12,345: memories unpinned: 1"),
        (AddKnowledge(sentence="milk is cold"), "step 12,345: sentence added: milk is cold"),
        (EditKnowledge(entry=1, sentence="milk is warm"), "step 12,345: sentence replaced: milk is warm"),
        (EraseKnowledge(ids=(1, 2)), "step 12,345: sentences erased: 2"),
        (PinKnowledge(ids=(1,)), "step 12,345: sentences pinned: 1"),
        (PinKnowledge(ids=(1,), pinned=False), "step 12,345: sentences unpinned: 1"),
        (Pause(), None),
        (Resume(), None),
        (SingleStep(), None),
        (EvaluateNow(), None),
    ],
)
def test_only_commands_that_change_learning_have_a_text(command, words):
    assert command_text(CommandApplied(step=12_345, command=command)) == words


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Resumed(step=500, exact=True), "step 500: resumed from a checkpoint, exactly"),
        (
            Resumed(step=500, exact=False, note="another device"),
            "step 500: resumed from a checkpoint, not exactly: another device",
        ),
    ],
)
def test_resumptions_are_marked_among_the_changes(event, words):
    edit = EditCurriculum(stages=())
    story = Story([CommandApplied(step=700, command=edit), event, CommandApplied(step=800, command=Pause())])
    assert [(mark.step, mark.text) for mark in story_marks(story)] == [
        (500, words),
        (700, "step 700: curriculum edited"),
    ]
    assert not any(mark.is_rollback for mark in story_marks(story))
