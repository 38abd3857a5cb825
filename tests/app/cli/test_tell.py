import json

import pytest

from app.cli.commands import main


@pytest.fixture
def done(written, capsys):
    """A small run of a world that checks instructions and of one that checks none."""
    path = written(("household/store", 64), ("gym:CartPole-v1", 64), head='name = "Tiny"')
    assert main(["run", path, "--quiet", "--name", "tiny"]) == 0
    capsys.readouterr()


def told(capsys, *arguments):
    assert main(["tell", "tiny", *arguments, "--episodes", "3", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_stored_agent_is_told_and_its_episodes_counted(done, capsys):
    data = told(capsys, "open the fridge")
    assert (data["task"], data["step"], data["episodes"]) == ("Store", 128, 3)
    assert len(data["attempts"]) == 3
    assert data["fulfilled"] == sum(attempt["fulfilled"] for attempt in data["attempts"]) / 3
    assert data["untold"] == sum(attempt["untold"] for attempt in data["attempts"]) / 3


def test_both_languages_mean_the_same(done, capsys):
    assert told(capsys, "打开冰箱")["attempts"] == told(capsys, "open the fridge")["attempts"]


def test_the_agent_of_an_earlier_moment_is_told(done, capsys):
    assert told(capsys, "open the fridge", "--at", "70")["step"] <= 70


def test_people_read_how_often_told_and_untold(done, capsys):
    assert main(["tell", "tiny", "open the fridge", "--episodes", "2"]) == 0
    said = capsys.readouterr().out
    assert "“open the fridge”, told to the agent of step 128 in Store" in said
    assert "of 2 episodes; untold" in said


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["open the moon"], "“moon” is not understood here. Try: "),
        (["open the fridge", "--task", "gym:CartPole-v1"], "can't be told there; choose one of: household/store"),
    ],
)
def test_what_can_not_be_told_is_one_line(done, capsys, arguments, line):
    assert main(["tell", "tiny", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert line in said.err
    assert said.err.count("\n") == 1
