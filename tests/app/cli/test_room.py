"""A full disk is told once on the terminal, and once when there is room again."""

import io

import pytest
from rich.console import Console

from agents.commands import Pause, Resume, Stop
from agents.events import CommandApplied, Progress, RunFinished, StorageFault
from app.cli.progress import ProgressPrinter


@pytest.fixture
def said():
    """Tells events, and returns the lines that were said."""

    def tell(events):
        page = io.StringIO()
        with ProgressPrinter(Console(file=page, width=160), live=False) as teller:
            for event in events:
                teller.tell(event)
        return page.getvalue().splitlines()

    return tell


def full(step, what="What happens"):
    message = what + " could not be written: {error}"
    return StorageFault(step=step, index=0, message=message, arguments={"error": "disk is full"})


def applied(step, command):
    return CommandApplied(step=step, command=command)


def attempts(step, count):
    """Return what a run tells that is resumed in vain so many times."""
    again = [full(step), applied(step, Pause()), applied(step, Resume())]
    return again * count


def test_a_hundred_attempts_are_one_line_and_going_on_is_another(said):
    lines = said([*attempts(8, 100), Progress(step=12, index=0, phase="acting")])
    assert lines == [
        "  ! What happens could not be written: disk is full. The run waits until that can be done",
        "  It can be written again: the run goes on at step 12",
    ]


def test_the_next_time_the_disk_is_full_is_told_again(said):
    on = Progress(step=12, index=0, phase="acting")
    assert len(said([*attempts(8, 3), on, *attempts(40, 3), on])) == 4


def test_something_else_that_cannot_be_written_is_told(said):
    lines = said([*attempts(8, 2), full(8, "The weights"), applied(8, Pause())])
    assert ["The weights" in line for line in lines] == [False, True]


def test_a_run_that_is_stopped_meanwhile_does_not_go_on(said):
    end = [applied(8, Stop()), full(8), RunFinished(step=8, reason="stopped")]
    lines = said([*attempts(8, 2), *end])
    assert not any("room again" in line for line in lines)
    assert [line.split()[0] for line in lines[1:]] == ["Stop", "Stopped"]


def test_a_pause_that_somebody_asked_for_is_told(said):
    assert said([applied(4, Pause()), applied(4, Resume())]) == ["  Pause at step 4", "  Resume at step 4"]
