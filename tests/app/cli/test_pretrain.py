import json

import torch

from agents.language import shipped_weights
from agents.pretraining import pretrain as pretraining
from agents.pretraining.recipe import Recipe
from app.cli import commands as cli


def test_the_command_writes_weights_that_are_the_same_with_the_same_seed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("app.cli.pretrain.Recipe", lambda *given: Recipe(*given, lines=600))
    for name in ("first", "second"):
        assert cli.main(["pretrain", "--steps", "3", "--seed", "5", "--out", str(tmp_path / name), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.split("\n}\n")[0] + "}")
    assert result["recipe"] == {"steps": 3, "seed": 5, "expert": 0.5, "lines": 600}
    assert result["perplexity"]["held_out"].keys() == {"model", "unigram", "bigram"}
    first, second = (shipped_weights.read(tmp_path / name).weights for name in ("first", "second"))
    assert all(torch.equal(weight, second[name]) for name, weight in first.items())
    untrained = pretraining.untrained(Recipe(seed=5)).state_dict()
    assert not torch.equal(first["tokens"], untrained["tokens"])
