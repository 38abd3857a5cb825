"""Weight checkpoints: checked for damage before they are loaded, and never half written."""

import json
import random

import numpy as np
import pytest

from agents.config import RunConfig
from agents.errors import BadInput
from agents.store import weight_checkpoints
from agents.store.run_store import RunStore
from envs.curriculum import Stage

CONFIG = RunConfig(stages=(Stage(task="household/go-to", steps=100),))
ABOUT = {"words": ["apple", "苹果"]}


def arrays(number):
    return {"w": np.full((3, 4), number, np.float32), "n": np.array(number)}


@pytest.fixture
def run(tmp_path):
    return RunStore(tmp_path / "runs").create(CONFIG)


@pytest.mark.parametrize("suffix", ["safetensors", "json", "manifest.json"])
def test_a_damaged_checkpoint_is_skipped_for_the_one_before(run, suffix, caplog):
    for step in (100, 200):
        run.keep(step, arrays(step), ABOUT)
    path = run.folder / "checkpoints" / f"step-000000200.{suffix}"
    whole, rng = path.read_bytes(), random.Random(suffix)
    for _ in range(50):
        index = rng.randrange(len(whole))
        path.write_bytes(whole[:index] + bytes([whole[index] ^ (1 << rng.randrange(8))]) + whole[index + 1 :])
        caplog.clear()
        found, about, step = run.checkpoint_at()
        assert (step, found["n"], about) == (100, 100, ABOUT)
        assert "the checkpoint before it is used" in caplog.text
    path.write_bytes(whole)
    assert run.checkpoint_at()[2] == 200


def test_if_all_are_damaged_the_error_is_one_line(run):
    run.keep(100, arrays(100), ABOUT)
    (run.folder / "checkpoints" / "step-000000100.json").write_text("{}")
    with pytest.raises(BadInput, match=r"cannot be read .*is not what was written"):
        run.checkpoint_at()


def test_a_checkpoint_without_manifest_is_ignored(run):
    for step in (100, 200):
        run.keep(step, arrays(step), ABOUT)
    (run.folder / "checkpoints" / "step-000000200.manifest.json").unlink()
    assert run.checkpoint_at()[1:] == (ABOUT, 100)
    assert run.checkpoints() == [100]


def test_a_checkpoint_of_another_version_is_refused_in_one_line(run):
    run.keep(100, arrays(100), ABOUT)
    path = run.folder / "checkpoints" / "step-000000100.manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 1}))
    with pytest.raises(BadInput, match=r"made by another version of the lab \(format 1, and this one reads 3\)"):
        run.checkpoint_at()


def test_a_copy_is_verified_like_the_original(run, tmp_path):
    for step in (100, 200):
        run.keep(step, arrays(step), ABOUT)
    weight_checkpoints.copy(run.folder / "checkpoints", tmp_path / "copy", 100)
    assert sorted(path.suffixes[-1] for path in (tmp_path / "copy").iterdir()) == [".json", ".json", ".safetensors"]
    (tmp_path / "copy" / "step-000000100.json").write_text(json.dumps({"words": []}))
    with pytest.raises(BadInput):
        weight_checkpoints.load(tmp_path / "copy", 100)


@pytest.mark.parametrize("kind", ["write", "sync", "rename", "sync_folder"])
def test_after_any_failed_write_the_old_or_the_new_weights_are_complete(tmp_path, kind, failing_disk):
    failed = 0
    for count in range(1, 100):
        folder = tmp_path / f"{kind} {count}"
        weight_checkpoints.keep(folder, 100, arrays(1), ABOUT)
        try:
            weight_checkpoints.keep(folder, 200, arrays(2), ABOUT, failing_disk(kind, count))
        except OSError:
            failed += 1
        else:
            break
        newest = weight_checkpoints.steps(folder)[-1]
        assert weight_checkpoints.load(folder, newest)[0]["n"] == newest // 100
        weight_checkpoints.keep(folder, 200, arrays(2), ABOUT)
        assert weight_checkpoints.load(folder, 200)[0]["n"] == 2
    assert failed == 3


def test_the_same_weights_are_not_written_twice(tmp_path, failing_disk):
    weight_checkpoints.keep(tmp_path, 100, arrays(1), ABOUT)
    disk = failing_disk("write", 0)
    weight_checkpoints.keep(tmp_path, 100, arrays(1), ABOUT, disk)
    assert disk.done == []
    weight_checkpoints.keep(tmp_path, 100, arrays(2), ABOUT, disk)
    assert weight_checkpoints.load(tmp_path, 100)[0]["n"] == 2


def task_arrays(*numbers):
    """Return per-task weights by task id; equal numbers share one mapping."""
    weights = {number: {"w": np.full((3, 4), number, np.float32)} for number in numbers}
    return {task_id: weights[number] for task_id, number in enumerate(numbers)}


def files(folder):
    return sorted(path.name for path in folder.glob("task-weights-*"))


def test_per_task_weights_are_loaded_and_stored_once(run):
    folder = run.folder / "checkpoints"
    for step in (100, 200, 300):
        run.keep(step, arrays(step), ABOUT, task_arrays(1, 1, 2))
    found = run.task_arrays_at(200)
    assert {task_id: float(weights["w"][0, 0]) for task_id, weights in found.items()} == {0: 1.0, 1: 1.0, 2: 2.0}
    assert len(files(folder)) == 2
    assert run.checkpoint_at()[2] == 300


def test_a_checkpoint_without_per_task_weights_has_no_file_for_them(run):
    run.keep(100, arrays(100), ABOUT)
    assert run.task_arrays_at(100) == {}
    assert sorted(path.name for path in (run.folder / "checkpoints").iterdir()) == [
        "step-000000100.json",
        "step-000000100.manifest.json",
        "step-000000100.safetensors",
    ]


def test_per_task_weights_of_dropped_checkpoints_are_deleted(run):
    folder = run.folder / "checkpoints"
    run.keep(100, arrays(100), ABOUT, task_arrays(1))
    run.keep(200, arrays(200), ABOUT, task_arrays(1, 2))
    weight_checkpoints.drop_after(folder, 100)
    assert len(files(folder)) == 1
    assert list(run.task_arrays_at(100)) == [0]
    assert len(list(folder.iterdir())) == 5


def test_a_copy_has_the_per_task_weights_of_its_checkpoints_only(run, tmp_path):
    run.keep(100, arrays(100), ABOUT, task_arrays(1))
    run.keep(200, arrays(200), ABOUT, task_arrays(1, 2))
    weight_checkpoints.copy(run.folder / "checkpoints", tmp_path / "copy", 100)
    assert len(files(tmp_path / "copy")) == 1
    assert float(weight_checkpoints.task_arrays(tmp_path / "copy", 100)[0]["w"][0, 0]) == 1.0


@pytest.mark.parametrize("pattern", ["task-weights-*", "*.task_weights.json"])
def test_damage_to_per_task_weights_is_one_line(run, pattern):
    run.keep(100, arrays(100), ABOUT, task_arrays(1))
    path = next((run.folder / "checkpoints").glob(pattern))
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(BadInput, match="the per-task weights at step 100 cannot be read"):
        run.task_arrays_at(100)
