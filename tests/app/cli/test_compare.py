import json

import pytest

from app.cli.commands import main


@pytest.fixture
def stored_runs(written, capsys):
    """Two seeds of two stages, and one of the first stage alone."""
    stages, head = (("household/go-to", 32), ("mirror/go-to", 32)), 'name = "Tiny"'
    alone, both = written(stages[0], head=head, file="alone.toml"), written(*stages, head=head, file="both.toml")
    for path, seed, name in ((both, 0, "zero"), (both, 1, "one"), (alone, 0, "expert")):
        assert main(["run", path, "--seed", str(seed), "--name", name, "--quiet"]) == 0
    capsys.readouterr()


def test_seeds_are_compared_by_every_definition(stored_runs, capsys):
    assert main(["compare", "zero", "one", "--expert", "expert", "--level", "0.5", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (group,) = data["groups"]
    assert group["seeds"] == [0, 1]
    assert data["level"] == 0.5
    assert set(group["families"]) == set(data["definitions"])
    number = group["families"]["chaudhry"]["average"]
    assert number["low"] <= number["value"] <= number["high"]


def test_people_see_a_table(stored_runs, capsys):
    assert main(["compare", "zero", "one"]) == 0
    output = capsys.readouterr().out
    assert "naive ×2" in output
    assert "Continual World" in output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["zero", "expert"], "other tasks"),
        (["zero", "--expert", "one"], "not a single-task expert"),
        (["zer0"], "no run"),
    ],
)
def test_what_cannot_be_compared_is_bad_input(stored_runs, arguments, reason, capsys):
    assert main(["compare", *arguments]) == 2
    assert reason in capsys.readouterr().err
