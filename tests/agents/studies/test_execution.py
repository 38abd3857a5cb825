from dataclasses import replace
from multiprocessing import active_children
from threading import Event

import pytest

from agents.store.run_store import RunStore
from agents.studies.execution import run_trials
from agents.studies.study_file import load
from agents.studies.trials import trials_of

STUDY = """
name = "Small"
seeds = 1
[settings]
"evaluation.eval_freq" = 0
"evaluation.n_eval_episodes" = 2
"learning.n_envs" = 4
"learning.n_steps" = 16
"checkpoint.save_steps" = 256
"model.layers" = 1
"model.width" = 16
[grid]
"strategy.name" = ["naive", "replay"]
"""
CURRICULUM = '[[stages]]\ntask = "household/go-to"\nsteps = {steps}\n'


@pytest.fixture
def trials(tmp_path):
    def made(steps, text=STUDY):
        (tmp_path / "short.toml").write_text(CURRICULUM.format(steps=steps))
        path = tmp_path / "study.toml"
        path.write_text(text.replace('name = "Small"', 'name = "Small"\ncurriculum = "short.toml"'))
        return trials_of(*load(path))

    return made


def ends(progress):
    return {each.index: (each.state, each.message) for each in progress}


def results(root):
    return {run.config.strategy.name: run.summary()["matrix"] for run in RunStore(root)}


def test_every_trial_is_an_ordinary_run_with_the_tag_of_its_study(trials, tmp_path):
    planned = trials(512)
    assert ends(run_trials(planned, tmp_path / "runs", workers=2)) == {0: ("done", ""), 1: ("done", "")}
    runs = list(RunStore(tmp_path / "runs"))
    assert {run.state for run in runs} == {"done"}
    assert {tuple(run.meta["tags"]) for run in runs} == {("study: Small", "naive"), ("study: Small", "replay")}
    assert ends(run_trials(planned, tmp_path / "runs")) == {0: ("done", ""), 1: ("done", "")}
    assert len(list(RunStore(tmp_path / "runs"))) == 2  # what is done is not repeated


def test_a_killed_worker_goes_on_and_ends_with_the_same_result(trials, tmp_path):
    (planned,) = trials(3_072, STUDY.replace('"naive", "replay"', '"replay"'))
    list(run_trials([planned], tmp_path / "undisturbed"))
    killed, said = False, []
    progress = run_trials([planned], tmp_path / "killed")
    for each in progress:
        said.append(each)
        if not killed and each.step >= 512:
            (worker,) = active_children()
            worker.kill()
            killed = True
    assert killed
    assert said[-1].state == "done"
    assert any("is started again" in each.message for each in said)
    assert results(tmp_path / "killed") == results(tmp_path / "undisturbed")


def test_a_stopped_study_is_resumed_where_it_was(trials, tmp_path):
    planned, stop = trials(4_096), Event()
    for each in run_trials(planned, tmp_path / "runs", stop=stop):
        if each.step:
            stop.set()
    (run,) = RunStore(tmp_path / "runs")
    assert each.state == "stopped"
    assert run.state == "stopped"
    assert ends(run_trials(planned[:1], tmp_path / "runs"))[0][0] == "done"
    assert len(list(RunStore(tmp_path / "runs"))) == 1


def test_a_trial_that_fails_says_why_and_does_not_end_the_others(trials, tmp_path):
    planned = trials(512)
    (tmp_path / "runs").mkdir()
    broken = planned[0].config.changed({"model.context": 8})

    found = ends(run_trials([replace(planned[0], config=broken), planned[1]], tmp_path / "runs"))
    assert found[0][0] == "failed"
    assert "model.context" in found[0][1]
    assert found[1] == ("done", "")
