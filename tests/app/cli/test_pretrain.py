import json

import torch

from agents.language import shipped_weights
from agents.pretraining import pretrain as making
from agents.pretraining.recipe import Recipe
from app.cli import commands as cli


def test_the_command_writes_weights_that_are_the_same_with_the_same_seed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("app.cli.pretrain.Recipe", lambda *given: Recipe(*given, lines=600))
    for name in ("one", "other"):
        assert cli.main(["pretrain", "--steps", "3", "--seed", "5", "--out", str(tmp_path / name), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.split("\n}\n")[0] + "}")
    assert told["recipe"] == {"steps": 3, "seed": 5, "expert": 0.5, "lines": 600}
    assert told["perplexity"]["apart"].keys() == {"model", "unigram", "bigram"}
    one, other = (shipped_weights.read(tmp_path / name).weights for name in ("one", "other"))
    assert all(torch.equal(weight, other[name]) for name, weight in one.items())
    untrained = making.untrained(Recipe(seed=5)).state_dict()
    assert not torch.equal(one["tokens"], untrained["tokens"])
