import json

import pytest

from app.cli import commands as cli


def shown(capsys, *arguments):
    code = cli.main(["model", *arguments])
    return code, capsys.readouterr()


@pytest.mark.parametrize("kind", ["transformer", "mlp", "table"])
def test_a_built_in_model_is_told(kind, capsys):
    code, told = shown(capsys, kind)
    assert (code, told.err) == (0, "")
    assert told.out.splitlines()[0] == kind
    assert "From  built in" in told.out


def test_json_holds_every_fact_and_the_estimate(capsys):
    code, told = shown(capsys, "transformer", "--set", "model.layers=3", "--json")
    facts = json.loads(told.out)
    assert code == 0
    parts = ("weights", "learned", "gradients", "optimiser", "activations")
    assert facts["memory"]["total"] == sum(facts["memory"][part] for part in parts)
    assert facts["memory"]["learned"] == 4 * facts["weights"]
    assert (facts["problem"], facts["licence"], facts["batch"]) == (None, "", [512, 64])


def test_what_cannot_be_used_is_told_with_its_reason_and_a_code(capsys, tmp_path):
    code, told = shown(capsys, str(tmp_path / "none.gguf"))
    assert code == 1
    assert "cannot be used: " in told.out
    code, told = shown(capsys, str(tmp_path / "none.gguf"), "--json")
    assert (code, json.loads(told.out)["problem"].endswith("check the path")) == (1, True)


def test_a_setting_that_there_is_not_is_bad_input(capsys):
    code, told = shown(capsys, "mlp", "--set", "model.rank=3")
    assert code == 2
    assert told.err.count("\n") == 1
