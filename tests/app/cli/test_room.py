"""A full disk is reported once on the terminal, and once when writing works again."""

import io

import pytest
from rich.console import Console

from agents.commands import Pause, Resume, Stop
from agents.events import CommandApplied, Progress, RunFinished, StorageFault
from app.cli.progress import ProgressPrinter


@pytest.fixture
def printed_lines():
    """A function that prints events and returns the printed lines."""

    def print_events(events):
        file = io.StringIO()
        with ProgressPrinter(Console(file=file, width=160), live=False) as printer:
            for event in events:
                printer.print_event(event)
        return file.getvalue().splitlines()

    return print_events


def storage_fault(step, what="The events"):
    message = what + " could not be written: {error}"
    return StorageFault(step=step, index=0, message=message, arguments={"error": "disk is full"})


def applied(step, command):
    return CommandApplied(step=step, command=command)


def failed_retries(step, count):
    """Return the events of a run that is resumed `count` times while the disk stays full."""
    retry = [storage_fault(step), applied(step, Pause()), applied(step, Resume())]
    return retry * count


def test_a_hundred_retries_are_one_line_and_the_recovery_is_another(printed_lines):
    lines = printed_lines([*failed_retries(8, 100), Progress(step=12, index=0, phase="acting")])
    assert lines == [
        "  ! The events could not be written: disk is full. The run waits until it can be written",
        "  Writing works again; the run continues at step 12",
    ]


def test_a_second_full_disk_is_reported_again(printed_lines):
    progress = Progress(step=12, index=0, phase="acting")
    assert len(printed_lines([*failed_retries(8, 3), progress, *failed_retries(40, 3), progress])) == 4


def test_a_different_storage_fault_is_reported(printed_lines):
    lines = printed_lines([*failed_retries(8, 2), storage_fault(8, "The weights"), applied(8, Pause())])
    assert ["The weights" in line for line in lines] == [False, True]


def test_a_run_that_is_stopped_meanwhile_reports_no_recovery(printed_lines):
    end = [applied(8, Stop()), storage_fault(8), RunFinished(step=8, reason="stopped")]
    lines = printed_lines([*failed_retries(8, 2), *end])
    assert not any("works again" in line for line in lines)
    assert [line.split()[0] for line in lines[1:]] == ["Stop", "Stopped"]


def test_a_pause_by_the_user_is_printed(printed_lines):
    assert printed_lines([applied(4, Pause()), applied(4, Resume())]) == ["  Pause at step 4", "  Resume at step 4"]
