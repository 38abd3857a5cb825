"""Corrupted and forged files do no harm, and the benchmark detects harm where there is some."""

import pytest

from agents.benchmarks.robustness import fuzz
from agents.errors import BadInput


@pytest.fixture(scope="module")
def figures():
    return {figure.name: figure for figure in fuzz.measure(files=300, checkpoints=40, seed=3)}


HARM = ("corrupted files that raise another error", "corrupted checkpoints that raise another error")


@pytest.mark.parametrize("name", HARM)
def test_a_corrupted_file_is_refused_in_one_line_or_opened(figures, name):
    assert figures[name].value == 0, figures[name].source
    assert "refused in one line" in figures[name].source


@pytest.mark.parametrize("name", ["written outside by files", "written outside by checkpoints"])
def test_no_file_is_written_outside_the_folder(figures, name):
    assert figures[name].value == 0


def test_a_naive_reader_does_harm_with_forged_files(figures):
    controls = [figure for name, figure in figures.items() if name.endswith("(control)")]
    assert len(controls) == 2
    assert all(figure.value > 0 for figure in controls)


RAISED = [BadInput("fine"), KeyError("x"), ValueError("of another kind"), BadInput("")]


def test_only_a_one_line_user_error_counts_as_refused():
    tally = fuzz.FuzzTally()
    for error in RAISED:
        fuzz._attempt(tally, lambda error=error: (_ for _ in ()).throw(error))
    assert (tally.opened, tally.refused, tally.crashed.total()) == (0, 1, 3)
