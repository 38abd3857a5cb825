from contextlib import closing

import pytest

from agents.benchmarks.learning.cached_runs import CachedRun, cached, live
from agents.benchmarks.learning.task_sequence import shortened
from agents.events import Updated
from agents.store.run_store import RunStore
from agents.training.prepared_run import start

LIFE = CachedRun("Short", shortened(), ("bench test",))


@pytest.fixture(scope="module")
def lived_through(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return root, live(LIFE, root)[0]


def test_what_was_lived_is_not_lived_again(lived_through):
    root, name = lived_through
    assert live(LIFE, root) == (name, 0.0)
    assert len(list(RunStore(root))) == 1


def test_a_life_is_an_ordinary_run_with_its_title_and_tags(lived_through):
    root, name = lived_through
    run = RunStore(root).find("Short")
    assert (run.id, run.state, run.config) == (name, "done", LIFE.config)
    assert run.overview()["tags"] == ["bench test"]


def test_an_interrupted_life_goes_on_and_ends_as_if_nothing_had_happened(lived_through, tmp_path):
    root, name = lived_through
    begun = start(RunStore(tmp_path), LIFE.config, name=LIFE.title)
    begun.run.describe(LIFE.title, LIFE.tags, "")
    with closing(begun.events):
        for event in begun.events:
            if isinstance(event, Updated) and event.step >= 300:
                break
    assert begun.run.state == "interrupted"
    told, whole = cached([LIFE], tmp_path)[0], RunStore(root).find(name).story()
    assert told.run == begun.run.id
    assert told.story.evaluations == whole.evaluations


@pytest.mark.parametrize("changes", [{"seed": 1}, {"strategy.name": "replay"}])
def test_other_settings_are_another_life(lived_through, changes):
    root, name = lived_through
    other = CachedRun(LIFE.title, LIFE.config.changed(changes), LIFE.tags)
    assert live(other, root)[0] != name


def test_two_lives_at_a_time_tell_what_one_after_another_does(lived_through, tmp_path, capsys):
    root, name = lived_through
    other = CachedRun("Other", LIFE.config.changed({"seed": 2}), LIFE.tags)
    told = cached([LIFE, other], tmp_path, jobs=2)
    assert [one.story.config.seed for one in told] == [0, 2]
    assert told[0].story.evaluations == RunStore(root).find(name).story().evaluations
    assert capsys.readouterr().err.startswith("Short: ")
