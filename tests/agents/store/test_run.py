import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from agents import codec
from agents.commands import EditCurriculum, Pause
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.config.strategies import ReplayConfig
from agents.errors import BadInput
from agents.events import (
    TRANSIENT,
    CommandApplied,
    EpisodeFinished,
    Evaluated,
    Fault,
    MemoryChanged,
    MemoryEntry,
    Progress,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    TasksChanged,
    Updated,
)
from agents.store.run_store import RunStore, default_root
from agents.story import Story
from agents.training.trainer import Trainer
from envs.curriculum import Stage

ROOT = Path(__file__).parents[3]
STAGES = (Stage(task="household/go-to", steps=100), Stage(task="mirror/go-to", steps=100))
CONFIG = RunConfig(name="Kitchen, then mirror", seed=3, stages=STAGES, strategy=ReplayConfig(batch_size=7))


def entry(number, task_id=0):
    picture_state = {"size": 5, "agent": [number % 5, 2], "things": {"apple": 3}}
    return MemoryEntry(
        id=number,
        task_id=task_id,
        text="house . go to apple",
        action="go north",
        reward=0.1,
        step=number,
        picture_state=picture_state,
    )


def episode(step, task_id=0, score=1.0):
    return EpisodeFinished(
        step=step, seconds=step / 100, index=task_id, task_id=task_id, reward=0.1 * step, score=score, length=7
    )


def small_run_events():
    """Return the events of a run of two stages that learns 1.0 and 0.75, and forgets the first to 0.25."""
    first, second = STAGES
    return [
        RunStarted(step=0, config=CONFIG, agent={"weights": 1234, "device": "cpu"}),
        TasksChanged(step=0, tasks=(first.configured_task, second.configured_task)),
        Evaluated(step=0, seconds=0.5, index=-1, scores=(0.125, 0.0), final=True),
        StageStarted(step=0, seconds=0.5, index=0, task_id=0, stage=first),
        *(episode(step) for step in range(1, 40)),
        MemoryChanged(step=40, seconds=0.6, added=tuple(entry(number) for number in range(100))),
        Updated(step=40, seconds=0.7, index=0, terms={"loss": 0.25, "entropy": 1.5}, rate=1000.0),
        CommandApplied(step=40, seconds=0.7, command=Pause()),
        episode(60),
        Evaluated(step=100, seconds=1.0, index=0, scores=(1.0, 0.125), final=True),
        StageFinished(step=100, seconds=1.0, index=0, reason="budget"),
        StageStarted(step=100, seconds=1.0, index=1, task_id=1, stage=second),
        CommandApplied(step=120, seconds=1.1, command=EditCurriculum(stages=STAGES)),
        episode(130, task_id=1, score=0.5),
        MemoryChanged(step=140, seconds=1.2, removed=(3,), pinned=(4, 5), unpinned=(5,)),
        Fault(step=150, seconds=1.5, index=1, message="{world} broke", arguments={"world": "mirror"}, detail="trace"),
        Evaluated(step=200, seconds=2.0, index=1, scores=(0.25, 0.75), final=True),
        StageFinished(step=200, seconds=2.0, index=1, reason="gate"),
        RunFinished(step=200, seconds=4.0, reason="done"),
    ]


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


@pytest.fixture
def run(store):
    return store.create(CONFIG)


def contents(story):
    """Return everything in a story, in a form that can be compared."""
    view = story.until()
    return (
        story.config,
        dict(story.agent),
        (story.step, story.seconds),
        {name: story.episodes[name].tolist() for name in story.episodes.names},
        {term: table["value"].tolist() for term, table in story.updates.items()},
        (story.tasks, story.clips, story.evaluations, story.marks, story.notes, story.finished),
        (view.memory(), view.pinned(), view.metrics(), view.stages),
    )


def test_a_replayed_run_tells_the_same_story(run):
    events = small_run_events()
    assert list(run.record(iter(events))) == events
    assert list(run.replay()) == events


def test_a_real_run_is_replayed_byte_for_byte(run):
    learning = LearningConfig(n_envs=4, n_steps=8)
    stages = tuple(stage.model_copy(update={"steps": 64}) for stage in STAGES)
    config = RunConfig(
        stages=stages, strategy=ReplayConfig(), learning=learning, evaluation=EvaluationConfig(n_eval_episodes=2)
    )
    collected = run.record(Trainer(config, keep=run.keep).run())
    recorded = [encoded(event) for event in collected if not isinstance(event, TRANSIENT)]
    assert [encoded(event) for event in run.replay()] == recorded
    assert run.checkpoints()[-1] == run.story().step


def encoded(event):
    return codec.dumps(codec.to_json(event))


def test_transient_events_pass_but_are_not_recorded(run):
    events = small_run_events()
    progress = Progress(step=5, index=0, phase="acting")
    assert list(run.record([progress, *events, progress])) == [progress, *events, progress]
    assert list(run.replay()) == events


def test_the_story_of_a_run_is_the_story_of_its_events(run):
    events = small_run_events()
    list(run.record(events))
    assert contents(run.story()) == contents(Story(events))


def test_a_run_that_was_never_recorded_is_an_empty_story(run):
    assert list(run.replay()) == []
    (run.folder / "events.sqlite").touch()
    assert list(run.replay()) == []
    assert len(run.story().episodes) == 0
    assert run.summary()["config"]["name"] == "Kitchen, then mirror"
    assert run.overview()["state"] == "interrupted"


@pytest.mark.parametrize("count", [0, 1, 3, 30, 1000])
def test_closing_in_the_middle_leaves_all_events_until_then(run, count):
    events = [*small_run_events()[:4], *(episode(step) for step in range(2000))]
    recording = run.record(event for event in events)
    passed = [next(recording) for _ in range(count)]
    recording.close()
    assert list(run.replay()) == passed


def test_closing_a_recording_closes_the_run_itself(run):
    closed = []

    def live():
        try:
            yield from small_run_events()
        finally:
            closed.append(True)

    events = live()
    recording = run.record(events)
    next(recording)
    recording.close()
    assert closed == [True]
    assert not run.is_busy


def test_an_error_in_the_middle_leaves_a_readable_run(run):
    def broken():
        yield from small_run_events()[:20]
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        list(run.record(broken()))
    assert list(run.replay()) == small_run_events()[:20]
    assert run.overview()["state"] == "interrupted"


def test_infrequent_events_are_on_disk_at_once(run):
    recording = run.record(small_run_events())
    for event in recording:
        if isinstance(event, CommandApplied):
            break
    assert isinstance(list(run.replay())[-1], CommandApplied)
    recording.close()


def test_frequent_events_are_on_disk_within_a_second(run, monkeypatch):
    monkeypatch.setattr("agents.store.event_log._SECONDS", 0.0)
    recording = run.record([episode(1), episode(2)])
    next(recording)
    assert list(run.replay()) == [episode(1)]
    recording.close()


KILLED = """
import os, sys
from agents.events import EpisodeFinished
from agents.store.run import Run
from pathlib import Path
def live():
    for step in range(2500):
        yield EpisodeFinished(step=step, index=0, task_id=0, reward=1.0, score=1.0, length=1)
    print("written", flush=True)
    sys.stdin.read()
for event in Run(Path(sys.argv[1])).record(live()):
    pass
"""


@pytest.fixture
def other_process(run):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, str(run.folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout.readline().strip() == "written"
        yield process
        process.kill()


def test_a_killed_process_leaves_a_readable_run_and_no_lock(run, other_process):
    other_process.kill()
    other_process.wait()
    recorded = list(run.replay())
    assert 2000 <= len(recorded) <= 2500
    assert [event.step for event in recorded] == list(range(len(recorded)))
    assert not run.is_busy


def test_two_processes_never_write_one_run(run, store, other_process):
    assert run.is_busy
    with pytest.raises(BadInput, match="is already being written"):
        next(run.record(small_run_events()))
    with pytest.raises(BadInput, match="stop it first"):
        store.trash(run)
    assert len(list(run.replay())) >= 2000


def test_events_of_a_newer_version_are_skipped_with_a_fault(run):
    events = small_run_events()
    list(run.record(events))
    with closing(sqlite3.connect(run.folder / "events.sqlite")) as database, database:
        rows = [(10_000 + number, 200, 4.0, "Dreamt", "{}") for number in range(2)]
        database.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
    *known, note = run.replay()
    assert known == events
    assert isinstance(note, Fault)
    assert "Dreamt" in note.message.format(**note.arguments)


def test_a_damaged_run_is_refused_in_one_line(run):
    (run.folder / "events.sqlite").write_bytes(b"not a database at all, but long enough to be one" * 50)
    with pytest.raises(BadInput, match=r"events\.sqlite: cannot be read") as refusal:
        run.story()
    assert "\n" not in str(refusal.value)


def test_numbers_that_are_not_known_stay_unknown(run):
    list(run.record([episode(1, score=float("nan")), episode(2, score=float("inf"))]))
    scores = run.story().episodes["score"].tolist()
    assert np.isnan(scores[0])
    assert scores[1] == float("inf")
    assert np.isnan(next(run.replay()).score)


def test_numbers_of_numpy_are_stored_as_numbers(run):
    list(run.record([episode(np.int64(5), score=np.float32(0.5))]))
    assert list(run.replay()) == [episode(5, score=0.5)]


@pytest.mark.parametrize("state", [{"things": {1, 2}}, {(1, 2): "apple"}, {"world": object()}])
def test_a_state_that_is_not_json_costs_an_event_not_the_run(run, state):
    invalid = MemoryEntry(id=1, task_id=0, text="text", action="go", reward=0.0, step=1, picture_state=state)
    events = [episode(1), MemoryChanged(step=1, added=(invalid,)), episode(2)]
    assert list(run.record(events)) == events
    first, note, last = run.replay()
    assert (first, last) == (events[0], events[2])
    assert "MemoryChanged was not recorded" in note.message.format(**note.arguments)


def test_memories_are_stored_compactly(run):
    entries = tuple(entry(number) for number in range(4096))
    list(run.record([MemoryChanged(step=1, added=entries)]))
    assert (run.folder / "events.sqlite").stat().st_size < 40 * len(entries)
    assert next(run.replay()).added == entries


def test_two_hundred_thousand_episodes_open_within_a_second(run):
    list(run.record(episode(step) for step in range(200_000)))
    before = time.process_time()
    assert len(run.story().episodes) == 200_000
    assert time.process_time() - before < 1.0


def test_a_run_without_an_end_is_running_while_it_is_written(run):
    recording = run.record(small_run_events())
    next(recording)
    assert run.overview()["state"] == "running"
    list(recording)
    assert run.overview()["state"] == "done"


def test_the_config_of_a_run_is_exactly_the_one_it_started_with(run):
    assert run.config == CONFIG


def test_folders_are_readable_sortable_and_unique(store):
    runs = [store.create(CONFIG, name) for name in ("one", "one", "一 二", "!?", None)]
    assert names(store) == sorted(names(runs))
    assert len(set(names(runs))) == 5
    assert [run.id[15:] for run in runs] == ["-one", "-one-2", "-一-二", "-run", "-kitchen-then-mirror-replay-3"]
    assert [run.name for run in runs][:3] == ["one", "one", "一 二"]
    assert runs[0].created.startswith(time.strftime("%Y-"))


def names(runs):
    return [run.id for run in runs]


def test_runs_are_found_by_id_by_name_or_by_prefix(store):
    first, second = store.create(CONFIG, "naive run"), store.create(CONFIG, "replay run")
    for name in (first.id, "naive run", "naive", "na", str(first.folder)):
        assert store.find(name).id == first.id
    assert store.find("rep").id == second.id


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("naiev run", "did you mean 'naive run'"),
        ("xyz", "`list runs` shows all runs"),
        ("", "there is no run ''"),
        ("a" * 5000, "there is no run 'aaa"),
        ("20", "write a longer prefix"),
    ],
)
def test_a_missing_run_gets_a_suggestion(store, name, answer):
    store.create(CONFIG, "naive run")
    store.create(CONFIG, "replay run")
    with pytest.raises(BadInput, match=answer):
        store.find(name)


def test_a_run_is_found_rather_than_its_fork(store):
    first = store.create(CONFIG, "replay run")
    fork = store.create(CONFIG, "replay run from 100", parent={"run": first.id, "step": 100})
    assert store.find("replay").id == first.id
    assert store.find(fork.name).id == fork.id


def test_an_empty_store_is_named_in_the_error(store):
    assert list(store) == []
    with pytest.raises(BadInput, match="holds no runs yet"):
        store.find("demo")


def test_trashed_runs_leave_the_list_but_not_the_disk(store):
    run, again = store.create(CONFIG, "a"), store.create(CONFIG, "b")
    list(run.record(small_run_events()))
    folder = store.trash(run)
    assert names(store) == [again.id]
    assert folder.parent.name == ".trash"
    assert (folder / "events.sqlite").exists()


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"runs cannot be written here .*PALIMPSEST_RUNS"):
        RunStore(tmp_path / "file" / "runs").create(CONFIG)


def test_the_root_of_runs_can_be_chosen_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PALIMPSEST_RUNS", str(tmp_path))
    assert default_root() == tmp_path == RunStore().root
    monkeypatch.delenv("PALIMPSEST_RUNS")
    assert default_root().parts[-2:] == ("palimpsest", "runs")


ARRAYS = {
    "weight": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "scalar": np.array(3, dtype=np.int64),
    "mask": np.array([True, False]),
    "none": np.empty((0, 4)),
}


def test_a_checkpoint_is_loaded_as_it_was_saved(run):
    about = {"words": ["apple", "苹果"], "nested": {"layers": 2}}
    assert run.keep(12345, ARRAYS, about) == "step-000012345"
    arrays, loaded, step = run.checkpoint_at()
    assert (loaded, step) == (about, 12345)
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


@pytest.mark.parametrize(("asked", "found"), [(None, 3_000_000_000), (0, 0), (99, 0), (100, 100), (10**12, 3 * 10**9)])
def test_the_newest_checkpoint_at_or_before_a_step_is_found(run, asked, found):
    for step in (100, 3_000_000_000, 0):
        run.keep(step, {"w": np.array([float(step)])}, {})
    arrays, _, step = run.checkpoint_at(asked)
    assert step == found == arrays["w"][0]
    assert run.checkpoints() == [0, 100, 3_000_000_000]


def test_a_missing_or_damaged_checkpoint_is_refused_in_one_line(run):
    with pytest.raises(BadInput, match="has no checkpoint"):
        run.checkpoint_at()
    run.keep(5, ARRAYS, {})
    with pytest.raises(BadInput, match="at or before step 4"):
        run.checkpoint_at(4)
    (run.folder / "checkpoints" / "step-000000005.safetensors").write_bytes(b"half")
    with pytest.raises(BadInput, match="cannot be read"):
        run.checkpoint_at()


def test_saving_leaves_no_drafts(run):
    run.keep(5, ARRAYS, {})
    run.keep(5, ARRAYS, {"again": True})
    assert {path.name for path in (run.folder / "checkpoints").iterdir()} == {
        "step-000000005.json",
        "step-000000005.manifest.json",
        "step-000000005.safetensors",
    }
    assert run.checkpoint_at()[1] == {"again": True}


def test_the_summary_has_the_matrix_and_its_metrics(run):
    list(run.record(small_run_events()))
    summary = run.summary()
    assert summary["run"] == run.id
    assert (
        summary["config"]["strategy"] | {"name": "replay", "weight": 1.0, "batch_size": 7}
        == summary["config"]["strategy"]
    )
    assert [task["key"] for task in summary["tasks"]] == ["household/go-to", "mirror/go-to"]
    assert summary["matrix"] == [[0.125, 0.0], [1.0, 0.125], [0.25, 0.75]]
    assert summary["learned"] == [1.0, 0.75]
    definition = summary["metrics"].pop("definition")
    assert summary["metrics"] == {
        "learned": 0.875,
        "average": 0.5,
        "forgetting": 0.75,
        "backward": -0.75,
        "forward": 0.125,
    }
    assert "Chaudhry" in definition["forgetting"]
    assert (summary["steps"], summary["seconds"], summary["steps_per_second"]) == (200, 4.0, 50.0)
    assert summary["finished"] == "done"
    assert summary["faults"] == ["mirror broke"]
    json.dumps(summary, allow_nan=False)


def test_scores_that_were_not_measured_are_null(run):
    events = [*small_run_events()[:2], Evaluated(step=0, index=-1, scores=(None, 0.5), final=True)]
    list(run.record(events))
    assert run.summary()["matrix"] == [[None, 0.5]]
