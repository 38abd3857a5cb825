import json

import pytest

from agents.config import RunConfig
from agents.errors import BadInput
from agents.store.run import Run
from agents.store.run_store import RunStore


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


def test_a_run_gets_another_name_tags_and_a_note_and_keeps_its_id(store):
    run = store.create(RunConfig(), "first")
    run.describe("second", ["kitchen", " mirror ", "", "kitchen"], " worth a look\n")
    again = Run(run.folder)
    assert (again.id, again.name) == (run.id, "second")
    overview = again.overview()
    assert overview["tags"] == ["kitchen", "mirror"]
    assert overview["note"] == "worth a look"
    assert store.find("second").id == run.id
    assert again.meta["versions"] == run.meta["versions"]


def test_an_empty_name_leaves_the_old_one(store):
    run = store.create(RunConfig(), "first")
    run.describe("  ", [], "")
    assert Run(run.folder).name == "first"


def test_the_overview_of_a_fork_has_its_parent_s_name_and_its_own_strategy(store):
    parent = store.create(RunConfig(), "parent")
    plain = {"run": parent.id, "step": 12, "changes": {"strategy.name": "ewc"}, "stages": None}
    overview = store.create(RunConfig(), "child", plain).overview()
    assert (overview["parent"], overview["left_at"]) == ("parent", 12)
    assert overview["strategy"] == "ewc"
    parent.describe("renamed", [], "")
    assert store.find("child").overview()["parent"] == "renamed"


@pytest.mark.parametrize("parent", [[], {}, {"run": 3}, {"run": "x", "step": "y"}, "text"])
def test_a_parent_that_cannot_be_read_is_none(store, parent):
    run = store.create(RunConfig(), "run")
    meta = {**run.meta, "parent": parent, "tags": "no list"}
    (run.folder / "meta.json").write_text(json.dumps(meta))
    overview = Run(run.folder).overview()
    assert overview["parent"] is None
    assert overview["tags"] == []


def test_what_cannot_be_written_is_said_in_one_line(store, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    run = store.create(RunConfig(), "first")
    monkeypatch.setattr("agents.store.metadata.write_whole", full)
    with pytest.raises(BadInput, match=r"meta\.json: cannot be written \(No space left on device\)"):
        run.describe("second", [], "")
