import json

import pytest

from app.cli.commands import main

STUDY = """
name = "Small"
seeds = 2
curriculum = "short.toml"
[settings]
"evaluation.eval_freq" = 0
"evaluation.n_eval_episodes" = 2
"learning.n_envs" = 4
"learning.n_steps" = 16
"model.layers" = 1
"model.width" = 16
[grid]
"strategy.name" = ["naive", "replay"]
"""


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setenv("PALIMPSEST_RUNS", str(tmp_path / "runs"))
    (tmp_path / "short.toml").write_text('[[stages]]\ntask = "household/go-to"\nsteps = 256\n')
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    return path


def test_a_plan_lists_the_trials_and_runs_nothing(study, tmp_path, capsys):
    assert main(["study", str(study), "--plan", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["counts"] == {"planned": 4}
    assert [(row["arm"], row["seed"], row["steps"]) for row in data["trials"]] == [
        ("naive", 0, 256),
        ("replay", 0, 256),
        ("naive", 1, 256),
        ("replay", 1, 256),
    ]
    assert not (tmp_path / "runs").exists()


def test_a_study_is_executed_compared_and_not_repeated(study, capsys):
    assert main(["study", str(study), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["counts"] == {"done": 4}
    assert [(group["name"], group["seeds"]) for group in data["comparison"]["groups"]] == [
        ("naive", [0, 1]),
        ("replay", [0, 1]),
    ]
    (pair,) = data["comparison"]["pairs"]
    assert pair["paired_seeds"] == [0, 1]
    assert main(["study", str(study)]) == 0
    output = capsys.readouterr().out
    assert all(row["run"] in output for row in data["trials"])
    assert "Small: 4 done; its runs have the tag 'study: Small'" in output


def test_a_malformed_study_is_one_line(study, capsys):
    study.write_text(STUDY.replace("seeds = 2", "seeds = 0"))
    assert main(["study", str(study)]) == 2
    assert "seeds: must hold at least one seed" in capsys.readouterr().err
