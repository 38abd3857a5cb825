from contextlib import closing

import pytest

from agents.benchmarks.learning.cached_runs import run_all, run_cached
from agents.benchmarks.learning.task_sequence import shortened
from agents.events import Updated
from agents.store.run_store import RunStore
from agents.studies.trials import Trial
from agents.training.prepared_run import start

REQUEST = Trial("Short", shortened(), ("bench test",))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return root, run_cached(REQUEST, root)[0]


def test_a_finished_run_is_not_executed_again(finished):
    root, run_id = finished
    assert run_cached(REQUEST, root) == (run_id, 0.0)
    assert len(list(RunStore(root))) == 1


def test_a_cached_run_is_an_ordinary_run_with_its_title_and_tags(finished):
    root, run_id = finished
    run = RunStore(root).find("Short")
    assert (run.id, run.state, run.config) == (run_id, "done", REQUEST.config)
    assert run.overview()["tags"] == ["bench test"]


def test_an_interrupted_run_is_resumed_and_ends_as_if_uninterrupted(finished, tmp_path):
    root, run_id = finished
    prepared = start(RunStore(tmp_path), REQUEST.config, name=REQUEST.title)
    prepared.run.describe(REQUEST.title, REQUEST.tags, "")
    with closing(prepared.events):
        for event in prepared.events:
            if isinstance(event, Updated) and event.step >= 300:
                break
    assert prepared.run.state == "interrupted"
    resumed, whole = run_all([REQUEST], tmp_path)[0], RunStore(root).find(run_id).story()
    assert resumed.run == prepared.run.id
    assert resumed.story.evaluations == whole.evaluations


@pytest.mark.parametrize("changes", [{"seed": 1}, {"strategy.name": "replay"}])
def test_other_settings_are_another_run(finished, changes):
    root, run_id = finished
    other = Trial(REQUEST.title, REQUEST.config.changed(changes), REQUEST.tags)
    assert run_cached(other, root)[0] != run_id


def test_runs_in_parallel_have_the_same_results_as_in_sequence(finished, tmp_path, capsys):
    root, run_id = finished
    other = Trial("Other", REQUEST.config.changed({"seed": 2}), REQUEST.tags)
    runs = run_all([REQUEST, other], tmp_path, jobs=2)
    assert [run.story.config.seed for run in runs] == [0, 2]
    assert runs[0].story.evaluations == RunStore(root).find(run_id).story().evaluations
    assert capsys.readouterr().err.startswith("Short: ")
