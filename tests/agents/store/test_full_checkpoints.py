"""Full checkpoints on disk: complete or absent after any failure, and pruned to the newest and each stage's last."""

import json
import random

import numpy as np
import pytest

from agents.runtime.atomic_write import DurableWrite, write_whole
from agents.store.full_checkpoints import ARRAYS, REST, CheckpointPosition, FullCheckpoints
from agents.store.sealed_files import MANIFEST, AnotherVersion, Damaged

STEPS = ("write", "sync", "rename", "sync_folder", "remove")


def state(number):
    arrays = {"/w": np.full((3, 4), number, np.float32), "/n": np.array(number), "/r": np.arange(5, dtype=np.uint8)}
    plain = {
        "number": number,
        "w": {"$array": "/w"},
        "n": {"$array": "/n"},
        "deep": [{"r": {"$array": "/r"}}],
        "t": "回声",
    }
    return arrays, plain


def write(saves, number, lasting=False):
    return saves.write(CheckpointPosition(100 * number, 10 * number, lasting), *state(number))


@pytest.fixture
def saves(tmp_path):
    return FullCheckpoints(tmp_path / "states")


def test_a_checkpoint_is_loaded_unchanged(saves):
    write(saves, 7, lasting=True)
    found = saves.newest()
    arrays, plain = state(7)
    assert (found.point, found.plain, found.notes) == (CheckpointPosition(700, 70, True), plain, ())
    assert found.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert np.array_equal(found.arrays[name], array)


def test_the_newest_three_and_every_stage_s_last_remain(saves):
    for number in range(1, 10):
        write(saves, number, lasting=number in (2, 5))
    assert [point.step for point in saves.points()] == [200, 500, 700, 800, 900]
    assert len(list(saves.folder.iterdir())) == 3 * 5


def test_the_newest_before_a_position_is_found(saves):
    for number in (1, 2, 3):
        write(saves, number)
    assert saves.newest(step=250).point.step == 200
    assert saves.newest(sequence=10).point.step == 100
    assert saves.newest(step=50).plain is None


def test_checkpoints_after_a_position_are_deleted(saves):
    for number in (1, 2, 3):
        write(saves, number)
    saves.drop_after(20)
    assert [point.sequence for point in saves.points()] == [10, 20]


def damaged(content, rng):
    kind = rng.choice(("flip", "cut", "empty", "longer", "zeros"))
    if kind == "flip":
        index = rng.randrange(len(content))
        return content[:index] + bytes([content[index] ^ (1 << rng.randrange(8))]) + content[index + 1 :]
    return {"cut": content[: rng.randrange(len(content))], "empty": b"", "longer": content + b" x"}.get(
        kind, bytes(len(content))
    )


@pytest.mark.parametrize("suffix", [ARRAYS, REST, MANIFEST])
def test_a_damaged_checkpoint_is_skipped_for_the_one_before(saves, suffix):
    write(saves, 1)
    write(saves, 2)
    path = saves.folder / f"{CheckpointPosition(200, 20).name}.{suffix}"
    whole = path.read_bytes()
    rng = random.Random(suffix)
    for _ in range(100):
        path.write_bytes(damaged(whole, rng))
        found = saves.newest()
        if found.point.step == 200:  # a bit that changes no content, such as `is_lasting` in the manifest
            assert (suffix, found.plain) == (MANIFEST, state(2)[1])
            continue
        assert found.plain == state(1)[1]
        assert len(found.notes) == 1
        assert "state-000000200-000000020 is damaged" in found.notes[0]


FORGED = {
    "no format": lambda manifest: manifest.pop("format"),
    "another's": lambda manifest: manifest.update(name="state-000000005-000000010"),
    "a size": lambda manifest: manifest["files"]["json"].update(size=-1),
    "a digest": lambda manifest: manifest["files"]["json"].update(sha256="0" * 63),
    "no files": lambda manifest: manifest.pop("files"),
    "a file less": lambda manifest: manifest["files"].pop("json"),
    "more": lambda manifest: manifest.update(mood="curious"),
}


@pytest.mark.parametrize("part", FORGED)
def test_a_forged_manifest_is_refused(saves, part):
    write(saves, 1)
    path = saves.folder / f"{CheckpointPosition(100, 10).name}.{MANIFEST}"
    manifest = json.loads(path.read_text())
    FORGED[part](manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(Damaged, match="is damaged"):
        saves.load(CheckpointPosition(100, 10))


def changed(saves, number, **changes):
    path = saves.folder / f"{CheckpointPosition(100 * number, 10 * number).name}.{MANIFEST}"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_checkpoint_of_another_version_is_refused_and_never_counts_as_the_start(saves):
    write(saves, 1)
    write(saves, 2)
    changed(saves, 2, format=1)
    with pytest.raises(AnotherVersion, match=r"made by another version of the lab \(format 1, .* start a new run"):
        saves.load(CheckpointPosition(200, 20))
    found = saves.newest()
    assert (found.point.step, len(found.notes)) == (100, 1)
    assert "another version" in found.notes[0]
    changed(saves, 1, format=1)
    with pytest.raises(AnotherVersion):
        saves.newest()


def test_arrays_that_nothing_refers_to_are_damage(saves):
    arrays, plain = state(1)
    saves.write(CheckpointPosition(100, 10), {**arrays, "/evil": np.zeros(3)}, plain)
    with pytest.raises(Damaged, match="its arrays are not those that its JSON data names"):
        saves.load(CheckpointPosition(100, 10))


def test_deep_nesting_is_damage_and_no_crash(saves):
    write(saves, 1)
    (saves.folder / f"{CheckpointPosition(100, 10).name}.{MANIFEST}").write_text("[" * 100_000)
    assert saves.newest().plain is None


@pytest.mark.parametrize("kind", STEPS)
def test_after_any_failed_write_the_old_or_the_new_checkpoint_is_complete(tmp_path, kind, failing_disk):
    failed = 0
    for count in range(1, 100):
        folder = tmp_path / f"{kind} {count}"
        for number in (1, 2, 3):
            write(FullCheckpoints(folder), number)
        disk = failing_disk(kind, count)
        try:
            write(FullCheckpoints(folder, disk), 4)
        except OSError:
            failed += 1
        else:
            break
        found = FullCheckpoints(folder).newest()
        assert found.plain in (state(3)[1], state(4)[1])
        assert found.notes == ()
        write(FullCheckpoints(folder), 5)
        assert FullCheckpoints(folder).newest().plain == state(5)[1]
        assert len(list(folder.iterdir())) == 3 * len(FullCheckpoints(folder).points())
    assert failed >= 3


def test_a_file_is_synced_before_it_is_renamed_and_the_manifest_comes_last(tmp_path, failing_disk):
    renamed = []

    class Watched(DurableWrite):
        def rename(self, old, new):
            renamed.append(new.name.split(".", 1)[1])
            super().rename(old, new)

    disk = failing_disk("write", 0)
    write_whole(tmp_path / "x", b"1", disk)
    assert disk.done == ["write", "sync", "rename", "sync_folder"]
    write(FullCheckpoints(tmp_path / "states", Watched()), 1)
    assert renamed == [ARRAYS, REST, MANIFEST]
