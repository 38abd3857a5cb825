import csv
import json

import pytest

from agents.config import RunConfig
from agents.config.config_file import load
from agents.errors import BadInput
from agents.events import EpisodeFinished, Evaluated, RunStarted, StageFinished, StageStarted, TasksChanged
from agents.store.run_store import RunStore
from app.runs.tables import column_titles, export
from envs.curriculum import Stage

STAGES = (Stage(task="household/go-to"), Stage(task="household/go-to", options={"objects": 2}))
CONFIG = RunConfig(name="Two", stages=STAGES)


@pytest.fixture
def run(tmp_path):
    stored = RunStore(tmp_path / "runs").create(CONFIG)
    tasks = tuple(stage.configured_task for stage in STAGES)
    events = (
        RunStarted(step=0, config=CONFIG),
        TasksChanged(step=0, tasks=tasks),
        Evaluated(step=0, index=-1, scores=(0.25, None), final=True),
        StageStarted(step=0, index=0, task_id=0, stage=STAGES[0]),
        EpisodeFinished(step=7, seconds=0.5, index=0, task_id=0, reward=0.1, score=1.0, length=7),
        EpisodeFinished(step=9, seconds=0.75, index=0, task_id=1, reward=-0.5, score=0.0, length=2),
        Evaluated(step=9, index=0, scores=(1.0, 0.5), final=True),
        StageFinished(step=9, index=0, reason="budget"),
    )
    list(stored.record(events))
    return stored


def rows(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def test_a_run_becomes_tables(run, tmp_path):
    files = export(run, tmp_path / "out" / "deep")
    assert {path.name for path in files} == {path.name for path in (tmp_path / "out" / "deep").iterdir()}
    episodes, evaluations, matrix, config, summary = files
    assert rows(episodes) == [
        ["step", "seconds", "stage", "task", "reward", "score", "length"],
        ["7", "0.5", "0", "Go to", "0.1", "1.0", "7"],
        ["9", "0.75", "0", "Go to (objects 2)", "-0.5", "0.0", "2"],
    ]
    assert rows(evaluations) == [
        ["step", "stage", "final", "Go to", "Go to (objects 2)"],
        ["0", "-1", "1", "0.25", ""],
        ["9", "0", "1", "1.0", "0.5"],
    ]
    assert rows(matrix) == [
        ["row", "Go to", "Go to (objects 2)"],
        ["untrained", "0.25", ""],
        ["after Go to", "1.0", "0.5"],
    ]
    assert load(config).stages[1].options == {"objects": 2}
    assert json.loads(summary.read_text()) == run.summary()


def test_a_folder_that_cannot_be_written_is_refused(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        export(run, tmp_path / "file" / "out")


def test_tasks_that_share_a_title_also_show_their_options():
    assert column_titles([stage.configured_task for stage in STAGES]) == ["Go to", "Go to (objects 2)"]
    assert column_titles([STAGES[1].configured_task]) == ["Go to"]
