import json

import pytest

from app.cli import commands as cli


def run_model(capsys, *arguments):
    code = cli.main(["model", *arguments])
    return code, capsys.readouterr()


@pytest.mark.parametrize("kind", ["transformer", "mlp", "table"])
def test_a_built_in_model_is_described(kind, capsys):
    code, output = run_model(capsys, kind)
    assert (code, output.err) == (0, "")
    assert output.out.splitlines()[0] == kind
    assert "From  built in" in output.out


def test_json_holds_every_fact_and_the_estimate(capsys):
    code, output = run_model(capsys, "transformer", "--set", "model.layers=3", "--json")
    facts = json.loads(output.out)
    assert code == 0
    parts = ("weights", "learned", "gradients", "optimiser", "activations")
    assert facts["memory"]["total"] == sum(facts["memory"][part] for part in parts)
    assert facts["memory"]["learned"] == 4 * facts["weights"]
    assert (facts["problem"], facts["licence"], facts["batch"]) == (None, "", [512, 64])


def test_an_unusable_model_is_reported_with_its_reason_and_exit_code_1(capsys, tmp_path):
    code, output = run_model(capsys, str(tmp_path / "none.gguf"))
    assert code == 1
    assert "cannot be used: " in output.out
    code, output = run_model(capsys, str(tmp_path / "none.gguf"), "--json")
    assert (code, json.loads(output.out)["problem"].endswith("check the path")) == (1, True)


def test_an_unknown_setting_is_bad_input(capsys):
    code, output = run_model(capsys, "mlp", "--set", "model.rank=3")
    assert code == 2
    assert output.err.count("\n") == 1
