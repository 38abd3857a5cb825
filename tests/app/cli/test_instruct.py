import json

import pytest

from app.cli.commands import main


@pytest.fixture
def stored_run(written, capsys):
    """A small run with one world that can check instructions and one that can't."""
    path = written(("household/store", 64), ("gym:CartPole-v1", 64), head='name = "Tiny"')
    assert main(["run", path, "--quiet", "--name", "tiny"]) == 0
    capsys.readouterr()


def instruct(capsys, *arguments):
    assert main(["instruct", "tiny", *arguments, "--episodes", "3", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_stored_agent_is_instructed_and_its_episodes_counted(stored_run, capsys):
    data = instruct(capsys, "open the fridge")
    assert (data["task"], data["step"], data["episodes"]) == ("Store", 128, 3)
    assert len(data["attempts"]) == 3
    assert data["fulfilled"] == sum(attempt["fulfilled"] for attempt in data["attempts"]) / 3
    assert data["control"] == sum(attempt["control"] for attempt in data["attempts"]) / 3


def test_both_languages_mean_the_same(stored_run, capsys):
    assert instruct(capsys, "打开冰箱")["attempts"] == instruct(capsys, "open the fridge")["attempts"]


def test_an_earlier_checkpoint_can_be_instructed(stored_run, capsys):
    assert instruct(capsys, "open the fridge", "--at", "70")["step"] <= 70


def test_the_success_rate_is_printed_with_its_control(stored_run, capsys):
    assert main(["instruct", "tiny", "open the fridge", "--episodes", "2"]) == 0
    output = capsys.readouterr().out
    assert "“open the fridge”, given to the agent of step 128 in Store" in output
    assert "of 2 episodes; control without the instruction" in output


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["open the moon"], "“moon” is not understood here. Try: "),
        (
            ["open the fridge", "--task", "gym:CartPole-v1"],
            "that task can't check “open the fridge”; choose one of: household",
        ),
    ],
)
def test_an_impossible_instruction_is_refused_in_one_line(stored_run, capsys, arguments, line):
    assert main(["instruct", "tiny", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert line in output.err
    assert output.err.count("\n") == 1
